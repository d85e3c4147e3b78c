"""The tables of an archive: made from its raw layer, as Parquet, and the coverage that says what there is."""
