"""Self-report for the public (一键报贫) and the 12317 hotline: a form, a receipt, and what became of it."""
