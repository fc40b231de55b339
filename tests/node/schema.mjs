// tests/node/schema.mjs
//     node schema.mjs SCHEMA FILE...: are these documents what the schema says? Prints what is
//     wrong, a line each; the status is 0 when nothing is.
import { readFileSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020.js";

const [schema, ...files] = process.argv.slice(2);
const read = (file) => JSON.parse(readFileSync(file, "utf8"));
const validate = new Ajv2020.default({ allErrors: true, allowUnionTypes: true }).compile(read(schema));
let wrong = 0;

for (const file of files)
{
	if (validate(read(file)))
		continue;
	for (const error of validate.errors.slice(0, 5))
		console.log(`${file}: ${error.instancePath || "/"} ${error.message}`);
	wrong = 1;
}
process.exit(wrong);
