"""The office's pages: server-rendered, a little script, nothing from outside."""
