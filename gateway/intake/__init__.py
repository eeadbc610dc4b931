"""From records and knowledge to crossings, verdicts and flags: what is written here is all there is."""
