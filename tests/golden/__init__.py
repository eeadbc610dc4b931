"""Pictures that the panel must equal. `python -m tests.golden` makes them anew; look at each before it is kept."""
