// SPDX-License-Identifier: Apache-2.0
// What is published cannot be given salts or keys to use: whoever repeats one loses what it protects.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import ts from "typescript";

const SRC = join(process.cwd(), "src");
const SEAM = "Randomness";

const config = ts.readConfigFile("tsconfig.json", (path) => readFileSync(path, "utf8")).config as object;
const { options } = ts.parseJsonConfigFileContent({ ...config, include: ["src"] }, ts.sys, process.cwd());
const program = ts.createProgram([join(SRC, "index.ts")], options);
const checker = program.getTypeChecker();

/** By which way somebody who imports this module reaches the seam, if there is one. */
function waysToSeam(path: string): string[] {
  const source = program.getSourceFile(join(SRC, path));
  assert.ok(source, path);
  const module = checker.getSymbolAtLocation(source);
  assert.ok(module, path);
  const found: string[] = [];
  const seen = new Set<ts.Type>();
  const visit = (type: ts.Type, way: string): void => {
    if (type.symbol?.name === SEAM || type.aliasSymbol?.name === SEAM) {
      found.push(way);
    }
    if (seen.has(type) || isForeign(type)) {
      return;
    }
    seen.add(type);
    for (const part of type.isUnionOrIntersection()
      ? type.types
      : checker.getTypeArguments(type as ts.TypeReference)) {
      visit(part, way);
    }
    for (const signature of [...type.getCallSignatures(), ...type.getConstructSignatures()]) {
      visit(signature.getReturnType(), `${way}()`);
      for (const parameter of signature.parameters) {
        visit(checker.getTypeOfSymbol(parameter), `${way}(${parameter.name})`);
      }
    }
    for (const property of type.getProperties().filter(isPublic)) {
      visit(checker.getTypeOfSymbol(property), `${way}.${property.name}`);
    }
  };
  for (const exported of checker.getExportsOfModule(module)) {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    if (symbol.flags & ts.SymbolFlags.Value) {
      visit(checker.getTypeOfSymbol(symbol), exported.name);
    }
    if (symbol.flags & ts.SymbolFlags.Type) {
      visit(checker.getDeclaredTypeOfSymbol(symbol), exported.name);
    }
  }
  return found;
}

/** Of the language or a package: nothing of ours is in there, but what it is given as type arguments. */
function isForeign(type: ts.Type): boolean {
  const file = type.symbol?.declarations?.[0]?.getSourceFile().fileName;
  const foreign = file !== undefined && file.includes("node_modules");
  return foreign && checker.getTypeArguments(type as ts.TypeReference).length === 0;
}

function isPublic(property: ts.Symbol): boolean {
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  const [declaration] = property.declarations ?? [];
  const name = declaration && ts.getNameOfDeclaration(declaration);
  const isPrivateName = name !== undefined && ts.isPrivateIdentifier(name);
  return !isPrivateName && !(declaration && ts.getCombinedModifierFlags(declaration) & hidden);
}

test("the modules inside do have the seam, so this test would see it", () => {
  assert.deepEqual(waysToSeam("e2r/seal.ts"), ["sealWith(randomness)"]);
  assert.ok(waysToSeam("e2r/files.ts").includes("sealFileWith(randomness)"));
  assert.ok(waysToSeam("e2r/hpke.ts").includes("SenderContext.start(randomness)"));
  assert.ok(waysToSeam("e2r/making/messages.ts").includes("MessageMaker(randomness)"));
});

test("nothing that is published takes or mentions the seam", () => {
  assert.deepEqual(waysToSeam("index.ts"), []);
});

test("nothing but the published module can be imported from the package", () => {
  const { exports } = JSON.parse(readFileSync("package.json", "utf8")) as { exports: object };
  assert.deepEqual(exports, { ".": "./src/index.ts" });
});

test("nothing in the sources needs Node", () => {
  const ours = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(SRC));
  assert.ok(ours.length > 40);
  for (const file of ours) {
    const imported = ts.preProcessFile(file.text).importedFiles.map(({ fileName }) => fileName);
    const wrong = imported.filter((name) => !name.startsWith(".") && !name.startsWith("@bufbuild/protobuf"));
    assert.deepEqual(wrong, [], file.fileName);
  }
});
