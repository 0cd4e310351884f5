"""One file per verb: what residents, professionals and the clock can make happen."""
