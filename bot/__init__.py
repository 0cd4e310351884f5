"""The residents' doors: Telegram and the web page. No rules and no sentences live here."""
