"""The guard's page: live lanes, reviews, hand entry, search. Server-rendered, a little script, nothing from outside."""
