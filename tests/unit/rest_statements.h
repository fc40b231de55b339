/*
 * tests/unit/rest_statements.h
 *	  Rows of test_rest_read.c: path and query, the SELECT they become, its values.
 */
{"/books", "", "SELECT \"library\".\"books\".* FROM \"library\".\"books\"", ""},
	{"/books", "select=id,name:title,about->author->>0::int,words::text",
	 "SELECT \"library\".\"books\".\"id\", \"library\".\"books\".\"title\" AS \"name\", "
	 "CAST( \"library\".\"books\".\"about\"->$1->>$2::int AS int ) AS \"author\", CAST( "
	 "\"library\".\"books\".\"words\" AS text ) FROM \"library\".\"books\"",
	 "author|0"},
	{"/books", "id=eq.5&title=not.like.A*&id=in.(1,2,\"a,b\")&author_id=is.not_null",
	 "SELECT \"library\".\"books\".* FROM \"library\".\"books\" WHERE "
	 "\"library\".\"books\".\"id\" = $1 AND NOT \"library\".\"books\".\"title\" like $2 "
	 "AND \"library\".\"books\".\"id\" = ANY ($3) AND "
	 "\"library\".\"books\".\"author_id\" IS NOT NULL",
	 "5|A%|{\"1\",\"2\",\"a,b\"}"},
	{"/books",
	 "or=(id.eq.1,and(id.gt(any).{3,4},not.or(title.is.null,words.fts(simple).cat)))",
	 "SELECT \"library\".\"books\".* FROM \"library\".\"books\" WHERE "
	 "(\"library\".\"books\".\"id\" = $1 OR (\"library\".\"books\".\"id\" > ANY($2) AND "
	 "NOT (\"library\".\"books\".\"title\" IS NULL OR \"library\".\"books\".\"words\" @@ "
	 "to_tsquery($3, $4))))",
	 "1|{3,4}|simple|cat"},
	{"/books", "title=plfts(english).old%20cat&words=wfts.dog&about->year=gte.1900",
	 "SELECT \"library\".\"books\".* FROM \"library\".\"books\" WHERE to_tsvector($1, "
	 "\"library\".\"books\".\"title\") @@ plainto_tsquery($2, $3) AND "
	 "\"library\".\"books\".\"words\" @@ websearch_to_tsquery($4) AND "
	 "\"library\".\"books\".\"about\"->$5 >= $6",
	 "english|english|old cat|dog|year|1900"},
	{"/books", "order=title.desc.nullslast,about->>year,id.asc&limit=5&offset=10",
	 "SELECT \"library\".\"books\".* FROM \"library\".\"books\" ORDER BY "
	 "\"library\".\"books\".\"title\" DESC NULLS LAST, "
	 "\"library\".\"books\".\"about\"->>$1, \"library\".\"books\".\"id\" ASC LIMIT $2 "
	 "OFFSET $3",
	 "year|5|10"},
	{"/books", "select=title,author:authors!books_author(name)&order=author(name).desc",
	 "SELECT \"library\".\"books\".\"title\", row_to_json(\"books_author_1\".*)::jsonb "
	 "AS \"author\" FROM \"library\".\"books\" LEFT JOIN LATERAL ( SELECT "
	 "\"authors_1\".\"name\" FROM \"library\".\"authors\" AS \"authors_1\" WHERE "
	 "\"authors_1\".\"id\" = \"library\".\"books\".\"author_id\" ) AS \"books_author_1\" "
	 "ON TRUE ORDER BY \"books_author_1\".\"name\" DESC",
	 ""},
	{"/books",
	 "select=title,author_id(name),reviews!inner(stars)&reviews.stars=gte.4&reviews."
	 "order=id&reviews.limit=2",
	 "SELECT \"library\".\"books\".\"title\", "
	 "row_to_json(\"books_author_id_1\".*)::jsonb AS \"author_id\", COALESCE( "
	 "\"books_reviews_1\".\"books_reviews_1\", '[]') AS \"reviews\" FROM "
	 "\"library\".\"books\" LEFT JOIN LATERAL ( SELECT \"authors_1\".\"name\" FROM "
	 "\"library\".\"authors\" AS \"authors_1\" WHERE \"authors_1\".\"id\" = "
	 "\"library\".\"books\".\"author_id\" ) AS \"books_author_id_1\" ON TRUE INNER JOIN "
	 "LATERAL ( SELECT json_agg(\"books_reviews_1\")::jsonb AS \"books_reviews_1\" FROM "
	 "(SELECT \"reviews_1\".\"stars\" FROM \"library\".\"reviews\" AS \"reviews_1\" "
	 "WHERE \"reviews_1\".\"stars\" >= $1 AND \"reviews_1\".\"book_id\" = "
	 "\"library\".\"books\".\"id\" ORDER BY \"reviews_1\".\"id\" LIMIT $2 OFFSET $3) AS "
	 "\"books_reviews_1\" ) AS \"books_reviews_1\" ON \"books_reviews_1\" IS NOT NULL",
	 "4|2|0"},
	{"/books", "select=id,shelves(place)",
	 "SELECT \"library\".\"books\".\"id\", COALESCE( "
	 "\"books_shelves_1\".\"books_shelves_1\", '[]') AS \"shelves\" FROM "
	 "\"library\".\"books\" LEFT JOIN LATERAL ( SELECT "
	 "json_agg(\"books_shelves_1\")::jsonb AS \"books_shelves_1\" FROM (SELECT "
	 "\"shelves_1\".\"place\" FROM \"library\".\"shelves\" AS \"shelves_1\", "
	 "\"library\".\"books_shelves\" AS \"books_shelves_1_way\" WHERE "
	 "\"books_shelves_1_way\".\"book_id\" = \"library\".\"books\".\"id\" AND "
	 "\"shelves_1\".\"id\" = \"books_shelves_1_way\".\"shelf_id\") AS "
	 "\"books_shelves_1\" ) AS \"books_shelves_1\" ON TRUE",
	 ""},
	{"/books",
	 "select=id,...author_id(writer:name),...reviews(stars)&reviews.order=id.desc",
	 "SELECT \"library\".\"books\".\"id\", \"books_author_id_1\".\"writer\", "
	 "\"books_reviews_1\".\"stars\" FROM \"library\".\"books\" LEFT JOIN LATERAL ( "
	 "SELECT \"authors_1\".\"name\" AS \"writer\" FROM \"library\".\"authors\" AS "
	 "\"authors_1\" WHERE \"authors_1\".\"id\" = \"library\".\"books\".\"author_id\" ) "
	 "AS \"books_author_id_1\" ON TRUE LEFT JOIN LATERAL ( SELECT "
	 "json_agg(\"books_reviews_1\")::jsonb AS \"books_reviews_1\", "
	 "COALESCE(json_agg(\"books_reviews_1\".\"stars\" ORDER BY "
	 "\"books_reviews_1\".\"books_reviews_1_o1\" DESC),'[]')::jsonb AS \"stars\" FROM "
	 "(SELECT \"reviews_1\".\"stars\", \"reviews_1\".\"id\" AS \"books_reviews_1_o1\" "
	 "FROM \"library\".\"reviews\" AS \"reviews_1\" WHERE \"reviews_1\".\"book_id\" = "
	 "\"library\".\"books\".\"id\") AS \"books_reviews_1\" ) AS \"books_reviews_1\" ON "
	 "TRUE",
	 ""},
	{"/authors",
	 "select=id,books!books_author(id,reviews(id))&books.reviews.stars=eq.1&books=not.is."
	 "null",
	 "SELECT \"library\".\"authors\".\"id\", COALESCE( "
	 "\"authors_books_1\".\"authors_books_1\", '[]') AS \"books\" FROM "
	 "\"library\".\"authors\" LEFT JOIN LATERAL ( SELECT "
	 "json_agg(\"authors_books_1\")::jsonb AS \"authors_books_1\" FROM (SELECT "
	 "\"books_1\".\"id\", COALESCE( \"books_reviews_2\".\"books_reviews_2\", '[]') AS "
	 "\"reviews\" FROM \"library\".\"books\" AS \"books_1\" LEFT JOIN LATERAL ( SELECT "
	 "json_agg(\"books_reviews_2\")::jsonb AS \"books_reviews_2\" FROM (SELECT "
	 "\"reviews_2\".\"id\" FROM \"library\".\"reviews\" AS \"reviews_2\" WHERE "
	 "\"reviews_2\".\"stars\" = $1 AND \"reviews_2\".\"book_id\" = \"books_1\".\"id\") "
	 "AS \"books_reviews_2\" ) AS \"books_reviews_2\" ON TRUE WHERE "
	 "\"books_1\".\"author_id\" = \"library\".\"authors\".\"id\") AS \"authors_books_1\" "
	 ") AS \"authors_books_1\" ON TRUE WHERE \"authors_books_1\" IS DISTINCT FROM NULL",
	 "1"},
	{"/good_books", "select=mark,authors(name),reviews(stars)",
	 "SELECT \"library\".\"good_books\".\"mark\", "
	 "row_to_json(\"good_books_authors_1\".*)::jsonb AS \"authors\", COALESCE( "
	 "\"good_books_reviews_1\".\"good_books_reviews_1\", '[]') AS \"reviews\" FROM "
	 "\"library\".\"good_books\" LEFT JOIN LATERAL ( SELECT \"authors_1\".\"name\" FROM "
	 "\"library\".\"authors\" AS \"authors_1\" WHERE \"authors_1\".\"id\" = "
	 "\"library\".\"good_books\".\"writer\" ) AS \"good_books_authors_1\" ON TRUE LEFT "
	 "JOIN LATERAL ( SELECT json_agg(\"good_books_reviews_1\")::jsonb AS "
	 "\"good_books_reviews_1\" FROM (SELECT \"reviews_1\".\"stars\" FROM "
	 "\"library\".\"reviews\" AS \"reviews_1\" WHERE \"reviews_1\".\"book_id\" = "
	 "\"library\".\"good_books\".\"id\") AS \"good_books_reviews_1\" ) AS "
	 "\"good_books_reviews_1\" ON TRUE",
	 ""},
	{"/books", "select=%22a%5C%22b%22:id&%22ti%5C%22tle%22=eq.x",
	 "SELECT \"library\".\"books\".\"id\" AS \"a\"\"b\" FROM \"library\".\"books\" WHERE "
	 "\"library\".\"books\".\"ti\"\"tle\" = $1",
	 "x"},
	{"/books", "id=eq.a%27b%5Cc&select=",
	 "SELECT \"library\".\"books\".* FROM \"library\".\"books\" WHERE "
	 "\"library\".\"books\".\"id\" = $1",
	 "a'b\\c"},
	{"/authors", "select=name,recent(title)&recent.limit=3",
	 "SELECT \"library\".\"authors\".\"name\", COALESCE( "
	 "\"authors_recent_1\".\"authors_recent_1\", '[]') AS \"recent\" FROM "
	 "\"library\".\"authors\" LEFT JOIN LATERAL ( SELECT "
	 "json_agg(\"authors_recent_1\")::jsonb AS \"authors_recent_1\" FROM (SELECT "
	 "\"books_1\".\"title\" FROM "
	 "\"library\".\"recent\"(\"authors\"::\"library\".\"authors\") AS \"books_1\" LIMIT "
	 "$1 OFFSET $2) AS \"authors_recent_1\" ) AS \"authors_recent_1\" ON TRUE",
	 "3|0"},
	{"/reviews", "select=stars,recent!inner(title)",
	 "SELECT \"library\".\"reviews\".\"stars\", "
	 "row_to_json(\"reviews_recent_1\".*)::jsonb AS \"recent\" FROM "
	 "\"library\".\"reviews\" INNER JOIN LATERAL ( SELECT \"books_1\".\"title\" FROM "
	 "\"library\".\"recent\"(\"reviews\"::\"library\".\"reviews\") AS \"books_1\" ) AS "
	 "\"reviews_recent_1\" ON TRUE",
	 ""},
	{"/books_shelves", "select=books(name)",
	 "SELECT row_to_json(\"books_shelves_books_1\".*)::jsonb AS \"books\" FROM "
	 "\"library\".\"books_shelves\" LEFT JOIN LATERAL ( SELECT \"authors_1\".\"name\" "
	 "FROM \"library\".\"books\"(\"books_shelves\"::\"library\".\"books_shelves\") AS "
	 "\"authors_1\" ) AS \"books_shelves_books_1\" ON TRUE",
	 ""},
	{"/books", "select=id,reviews(stars)&id=gt.1&order=title.desc&limit=5",
	 "SELECT \"books\".\"id\", COALESCE( \"books_reviews_1\".\"books_reviews_1\", '[]') "
	 "AS \"reviews\" FROM (SELECT * FROM \"library\".\"books\" WHERE \"books\".\"id\" > "
	 "$1 ORDER BY \"books\".\"title\" DESC LIMIT $2 OFFSET $3) AS \"books\" LEFT JOIN "
	 "LATERAL ( SELECT json_agg(\"books_reviews_1\")::jsonb AS \"books_reviews_1\" FROM "
	 "(SELECT \"reviews_1\".\"stars\" FROM \"library\".\"reviews\" AS \"reviews_1\" "
	 "WHERE \"reviews_1\".\"book_id\" = \"books\".\"id\") AS \"books_reviews_1\" ) AS "
	 "\"books_reviews_1\" ON TRUE ORDER BY \"books\".\"title\" DESC",
	 "1|5|0"},
	{"/books", "select=id,reviews!inner(stars)&order=title.desc&limit=5",
	 "SELECT \"library\".\"books\".\"id\", COALESCE( "
	 "\"books_reviews_1\".\"books_reviews_1\", '[]') AS \"reviews\" FROM "
	 "\"library\".\"books\" INNER JOIN LATERAL ( SELECT "
	 "json_agg(\"books_reviews_1\")::jsonb AS \"books_reviews_1\" FROM (SELECT "
	 "\"reviews_1\".\"stars\" FROM \"library\".\"reviews\" AS \"reviews_1\" WHERE "
	 "\"reviews_1\".\"book_id\" = \"library\".\"books\".\"id\") AS \"books_reviews_1\" ) "
	 "AS \"books_reviews_1\" ON \"books_reviews_1\" IS NOT NULL ORDER BY "
	 "\"library\".\"books\".\"title\" DESC LIMIT $1 OFFSET $2",
	 "5|0"},
