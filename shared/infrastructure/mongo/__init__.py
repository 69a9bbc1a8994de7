"""Views in MongoDB. Only find, insert and guarded replace are used, so that every compatible server behaves the same."""
