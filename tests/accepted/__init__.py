"""Every made-up input that is accepted runs on made-up markets, and what it leaves adds up: the law, and it at size."""
