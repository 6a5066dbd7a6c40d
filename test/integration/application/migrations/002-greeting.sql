INSERT INTO notices (id, text) VALUES (1, 'Hello from the database')
