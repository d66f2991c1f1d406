"""The page of township officers and the county: reads the store, writes what people answer."""
