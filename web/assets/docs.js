// Draws the OpenAPI document. No library, nothing from elsewhere; text is only ever set as text.

import { element } from "/assets/elements.js";

const METHODS = ["get", "put", "post", "delete", "patch"];

/** Words with what stands between backticks as code. */
function prose(text) {
  const parts = (text || "").split("`").map((part, place) => (place % 2 ? element("code", {}, part) : part));
  return element("span", {}, ...parts);
}

function table(caption, columns, rows) {
  const head = element("tr", {}, ...columns.map((column) => element("th", { scope: "col" }, column)));
  const body = rows.map((cells) => element("tr", {}, ...cells.map((cell) => element("td", {}, cell))));
  const whole = element("table", { "aria-label": caption }, element("thead", {}, head), element("tbody", {}, ...body));
  return element("div", { class: "table" }, whole);
}

class Reader {
  constructor(api) {
    this.api = api;
  }

  resolved(node) {
    if (!node || !node.$ref) return node || {};
    return node.$ref.slice(2).split("/").reduce((found, step) => found[step], this.api);
  }

  /** A schema in a few words, such as "list of SeatBody" or "text (uuid)". */
  phrase(schema) {
    if (!schema) return "anything";
    if (schema.$ref) return schema.$ref.split("/").pop();
    if (schema.const !== undefined) return JSON.stringify(schema.const);
    if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
    const choices = schema.anyOf || schema.oneOf;
    if (choices) return choices.map((choice) => this.phrase(choice)).join(" | ");
    if (schema.type === "array") return `list of ${this.phrase(schema.items)}`;
    return (schema.type || "anything") + (schema.format ? ` (${schema.format})` : "");
  }

  /** The schemas that a schema is made of, so that each can be shown once below it. */
  parts(schema, found = new Map()) {
    if (!schema || typeof schema !== "object") return found;
    if (schema.$ref) {
      const name = schema.$ref.split("/").pop();
      if (!found.has(name)) {
        const target = this.resolved(schema);
        found.set(name, target);
        this.parts(target, found);
      }
      return found;
    }
    const inside = [schema.items, ...(schema.oneOf || []), ...(schema.anyOf || []), ...Object.values(schema.properties || {})];
    for (const part of inside) this.parts(part, found);
    return found;
  }

  fields(name, schema) {
    const required = new Set(schema.required || []);
    const rows = Object.entries(schema.properties || {}).map(([field, value]) => [
      element("code", {}, field),
      element("code", {}, this.phrase(value)),
      required.has(field) ? "required" : "optional",
      prose(value.description),
    ]);
    return rows.length ? table(`Fields of ${name}`, ["Field", "Type", "Presence", "Meaning"], rows) : element("p", { class: "faint" }, "No fields.");
  }

  content(content) {
    return Object.entries(content || {}).flatMap(([type, { schema }]) => [
      element("p", {}, element("code", {}, type), ": ", element("code", {}, this.phrase(schema))),
      ...[...this.parts(schema)].filter(([, part]) => part.properties).flatMap(([name, part]) => [
        element("p", {}, element("strong", {}, name), part.description ? ": " : "", prose(part.description)),
        this.fields(name, part),
      ]),
    ]);
  }

  headers(headers) {
    const rows = Object.entries(headers || {}).map(([name, header]) => [element("code", {}, name), prose(this.resolved(header).description)]);
    return rows.length ? [table("Headers of the answer", ["Header", "Meaning"], rows)] : [];
  }

  response(status, response) {
    const title = element("summary", {}, element("strong", {}, status), " ", prose(response.description));
    return element("details", {}, title, ...this.headers(response.headers), ...this.content(response.content));
  }

  operation({ method, path, operation }) {
    const heading = element("h3", { id: operation.operationId }, element("span", { class: "method" }, method.toUpperCase()), element("code", {}, path));
    const parameters = (operation.parameters || []).map((one) => [
      element("code", {}, one.name),
      one.in,
      element("code", {}, this.phrase(one.schema)),
      one.required ? "required" : "optional",
      prose(one.description),
    ]);
    const body = operation.requestBody;
    return element(
      "article",
      { "aria-labelledby": operation.operationId },
      heading,
      element("p", {}, prose(operation.summary)),
      ...(operation.description ? [element("p", { class: "faint" }, prose(operation.description))] : []),
      ...(parameters.length ? [element("h4", {}, "Parameters"), table("Parameters", ["Name", "In", "Type", "Presence", "Meaning"], parameters)] : []),
      ...(body ? [element("h4", {}, body.required ? "Body" : "Body (optional)"), ...this.content(body.content)] : []),
      element("h4", {}, "Answers"),
      ...Object.entries(operation.responses).map(([status, response]) => this.response(status, response)),
    );
  }

  byTag() {
    const tags = new Map();
    for (const [path, item] of Object.entries(this.api.paths)) {
      for (const method of METHODS.filter((one) => item[one])) {
        const operation = item[method];
        const tag = (operation.tags || ["Other"])[0];
        tags.set(tag, [...(tags.get(tag) || []), { method, path, operation }]);
      }
    }
    return tags;
  }
}

function contents(tags) {
  return [...tags].flatMap(([tag, operations]) => [
    element("h2", {}, tag),
    element("ul", {}, ...operations.map(({ method, path, operation }) =>
      element("li", {}, element("a", { href: `#${operation.operationId}` }, element("span", { class: "method" }, method.toUpperCase()), path)))),
  ]);
}

async function draw() {
  const main = document.getElementById("operations");
  const introduction = document.getElementById("introduction");
  try {
    const answer = await fetch("/api/openapi.json");
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    const reader = new Reader(await answer.json());
    const tags = reader.byTag();
    document.getElementById("title").textContent = `${reader.api.info.title} API`;
    introduction.replaceChildren(prose(reader.api.info.description));
    document.getElementById("contents").append(...contents(tags));
    main.append(...[...tags].map(([tag, operations]) =>
      element("section", {}, element("h2", {}, tag), ...operations.map((one) => reader.operation(one)))));
    if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  } catch (error) {
    introduction.setAttribute("role", "alert");
    introduction.textContent = `The document can't be shown: ${error.message}`;
  } finally {
    main.removeAttribute("aria-busy");
  }
}

draw();
