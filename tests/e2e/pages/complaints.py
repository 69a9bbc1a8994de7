"""What a browser says against a page: errors of scripts, and what the page's policy forbade."""

from playwright.sync_api import Page


def complaints_about(page: Page) -> list[str]:
    """A list that grows from now on."""
    found: list[str] = []

    def note(text: str) -> None:
        if "Content Security Policy" in text or "Content-Security-Policy" in text:
            found.append(text)

    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda message: note(message.text))
    return found
