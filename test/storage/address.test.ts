import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { wording as stages } from '../../stages/wording-collect.ts';
import { wording as scripts } from '../../scripts/data/wording.ts';
import { badAddress } from '../../storage/address.ts';
import type { AddressVariable } from '../../storage/address.ts';
import { check as checkRaw } from '../../storage/check-raw.ts';
import { check as checkSql } from '../../storage/check-sql.ts';
import type { StoreFailure } from '../../storage/failure.ts';
import { mongoFailure } from '../../storage/mongo/failure.ts';
import { openRawStore } from '../../storage/open-raw-store.ts';
import { openSqlStore } from '../../storage/open-sql-store.ts';
import { lockRuns } from '../../storage/run-lock.ts';

const GOOD: Readonly<Record<AddressVariable, readonly string[]>> = {
  MONGODB_URI: [
    'mongodb://h', 'mongodb://h/db', 'mongodb://u:p%2Fw%40x@h:27017/db?authSource=admin', 'mongodb://a:1,b:2,[::1]:3/db?replicaSet=x', 'mongodb+srv://u:p@cluster.example.net/db?retryWrites=true', 'mongodb://%2Ftmp%2Fmongodb.sock/db',
  ],
  DATABASE_URL: [
    'postgres://h', 'postgresql://u:p@h:5432/db?sslmode=require', 'postgres://u:p@ss@h/db', 'postgres://u:50%@h/db', 'postgres://u:p%23w@h/db', 'postgres:///db?host=/run/postgresql', 'postgres://u@/db?host=/tmp', 'postgres://%2Ftmp/db', '/run/postgresql ulasan', 'postgres://[::1]:5432/db',
  ],
};
const BAD: Readonly<Record<AddressVariable, readonly string[]>> = {
  MONGODB_URI: ['foo', 'mongodb://', 'mongodb:/h', 'postgres://u:s3cr@h/db', 'mongodb://u:s3cr/et@h/db', 'mongodb://u:s3cr#et@h/db', 'mongodb://12:s3cr/et', 'mongodb://u:s3cr@et@h/db', 'mongodb://u:s3cr%zz@h/db', 'mongodb://h/s3cr.x', 'mongodb://h:s3cr/db', 'mongodb://h/db?nonsense=1', 'mongodb://h/db?authMechanism=SCRAM-SHA-1'],
  DATABASE_URL: ['foo', 'mysql://x/y', 'postgres://ulasan:s3cr/et#pw@db:5432/ulasan', 'postgres://u:12/s3cr@h/db', 'postgres://u:12#s3cr@h/db', 'postgres://u:12?s3cr@h/db', 'postgres://u:%e0%a4s3cr@h/db', 'postgres://h:99999/db', 'postgres://h:port/db'],
};

async function failureAt(variable: AddressVariable, address: string): Promise<StoreFailure> {
  const opened = variable === 'MONGODB_URI' ? await openRawStore({ folder: '', uri: address }) : await openSqlStore({ folder: '', url: address });
  assert.ok(!opened.ok, address);
  return opened.failure;
}

describe('the address of a server', () => {
  test('in every form that its driver takes is none to be judged', () => {
    for (const variable of ['MONGODB_URI', 'DATABASE_URL'] as const) {
      for (const address of GOOD[variable]) assert.equal(badAddress(variable, address), undefined, address);
    }
  });

  test('that is none, or holds a password as it is, is told by its variable, without a word of it, with how to write it', async () => {
    for (const variable of ['MONGODB_URI', 'DATABASE_URL'] as const) {
      for (const address of BAD[variable]) {
        const failure = await failureAt(variable, address);
        assert.deepEqual([failure.kind, failure.target], ['address', variable], address);
        const told = stages.store(failure);
        assert.match(told.problem, new RegExp(`^Cannot use the address in ${variable}: .+`));
        assert.match(told.remedy, new RegExp(`^write ${variable} as .*%2F.*percent-encoded`));
        assert.match(scripts.unreachable(failure), /hint: write .* as /);
        assert.doesNotMatch(JSON.stringify([failure, told]), /s3cr|the server|restore|\bbase\b/, address);
      }
    }
    assert.equal((await failureAt('MONGODB_URI', 'foo')).why, 'it begins with neither mongodb:// nor mongodb+srv://');
    assert.equal((await failureAt('DATABASE_URL', 'mysql://x/y')).why, 'it begins with neither postgres:// nor postgresql://');
  });

  test('is judged before the planner or the scheduler asks there', async () => {
    const receipt = { target: 'x#y', rows: 0, checksum: '' };
    for (const address of BAD.MONGODB_URI) await assert.rejects(checkRaw({ workspace: '', env: { MONGODB_URI: address }, receipt }), ({ message }: Error) => message.startsWith('MONGODB_URI: ') && !message.includes('s3cr'), address);
    for (const address of BAD.DATABASE_URL) {
      await assert.rejects(checkSql({ workspace: '', env: { DATABASE_URL: address }, receipt }), ({ message }: Error) => message.startsWith('DATABASE_URL: ') && !message.includes('s3cr'), address);
      const locked = await lockRuns(address);
      assert.ok(!locked.ok && locked.failure.kind === 'address', address);
    }
  });

  test('whose files of certificates are missing is a failure, not a bug', async () => {
    const url = 'postgres://h/db?sslrootcert=/nowhere/ca.pem';
    const locked = await lockRuns(url);
    assert.ok(!locked.ok && locked.failure.why.includes('/nowhere/ca.pem'));
    assert.match((await failureAt('DATABASE_URL', url)).why, /nowhere/);
    await assert.rejects(checkSql({ workspace: '', env: { DATABASE_URL: url }, receipt: { target: 'x#y', rows: 0, checksum: '' } }), /^Error: postgres:\/\/h:5432\/db: /);
  });
});

describe('a name that cannot be looked up', () => {
  test('is a server out of reach, also where its driver throws what the resolver threw', async () => {
    const thrown = (code: string, syscall: string): Error => Object.assign(new Error(`${syscall} ${code} _mongodb._tcp.cluster.example.net`), { code, syscall });
    for (const [code, syscall] of [['ENOTFOUND', 'querySrv'], ['ETIMEOUT', 'queryTxt'], ['ESERVFAIL', 'querySrv'], ['ECONNREFUSED', 'querySrv'], ['EAI_AGAIN', 'getaddrinfo'], ['ENODATA', 'querySrv']] as const) {
      assert.equal(mongoFailure('mongodb', thrown(code, syscall))?.kind, 'unreachable', code);
    }
    assert.equal(mongoFailure('mongodb', new TypeError('a bug')), undefined);
    const failure = await failureAt('MONGODB_URI', 'mongodb+srv://budi:s3cret@cluster.invalid/ulasan');
    assert.deepEqual([failure.kind, failure.target], ['unreachable', 'mongodb+srv://cluster.invalid/ulasan']);
    assert.doesNotMatch(JSON.stringify(failure), /s3cret/);
  });
});
