"""The HTTP gateway: departments' systems push rows, and ask what became of them."""
