// Calls of the vendor's own SDKs: one JSON object a line comes in, what the SDK made of it goes out, likewise.
//
//   {"sdk": "alidns", "method": "addDomainRecord", "request": {...}, "config": {...}}    ACS3
//   {"sdk": "pop", "method": "AddDomainRecord", "request": {...}, "config": {...}, "options": {...}}    v1
//   {"sdk": "credentials", "config": {...}}
//
// Out: {"body": {...}}, or {"error": {"code", "status", "message"}}.
'use strict';

const readline = require('readline');
const Alidns = require('@alicloud/alidns20150109');
const Credentials = require('@alicloud/credentials');
const { $OpenApiUtil } = require('@alicloud/openapi-core');
const Pop = require('@alicloud/pop-core');

const clients = new Map(); // by their configuration: connections are kept

function client(kind, config) {
	const key = kind + JSON.stringify(config);
	if (!clients.has(key)) {
		clients.set(key, kind === 'pop' ? new Pop(config) : new Alidns.default(new $OpenApiUtil.Config(config)));
	}
	return clients.get(key);
}

async function alidns({ method, request, config }) {
	const model = method[0].toUpperCase() + method.slice(1) + 'Request';
	const response = await client('alidns', config)[method](new Alidns[model](request));
	return response.body.toMap();
}

async function pop({ method, request, config, options }) {
	return client('pop', config).request(method, request, options);
}

async function credentials({ config }) {
	const found = await new Credentials.default(new Credentials.Config(config)).getCredential();
	return {
		AccessKeyId: found.accessKeyId,
		AccessKeySecret: found.accessKeySecret,
		SecurityToken: found.securityToken,
	};
}

async function main() {
	const kinds = { alidns, pop, credentials };
	for await (const line of readline.createInterface({ input: process.stdin })) {
		const call = JSON.parse(line);
		let out;
		try {
			out = { body: await kinds[call.sdk](call) };
		} catch (error) {
			const status = error.statusCode || (error.entry && error.entry.response && error.entry.response.statusCode);
			out = { error: { code: error.code, status, message: error.message, name: error.name } };
			if (error.retryAfter !== undefined) out.error.retryAfter = error.retryAfter;
		}
		process.stdout.write(JSON.stringify(out) + '\n');
	}
}

main();
