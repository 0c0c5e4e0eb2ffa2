"""Jobs: what runs, what failed and why, as a table, a tree and a timeline; live."""
