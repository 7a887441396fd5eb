CREATE TABLE broken.half (id bytea PRIMARY KEY);

SELECT 1 FROM broken.missing;
