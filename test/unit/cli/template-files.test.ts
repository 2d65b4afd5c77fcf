import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readTemplateFiles } from '../../../cli/template-files.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'templates-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const write = (path: string, content: unknown): string => {
  const file = join(dir, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    file,
    typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content),
  );
  return file;
};
const read = (...paths: string[]) => readTemplateFiles(paths.map((path) => join(dir, path)));
const nestedIn = (TemplateURL: unknown, Metadata?: object) => ({
  Resources: {
    Inner: { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL }, ...(Metadata && { Metadata }) },
  },
});

describe('files', () => {
  test('a template is read as it is, of an unknown stack', async () => {
    write('one.yaml', 'Resources: {}');
    expect(await read('one.yaml')).toEqual([{ path: join(dir, 'one.yaml'), text: 'Resources: {}' }]);
  });

  test.each<[string, string | Uint8Array]>([
    ['as JSON', '{"format_version":"1.2","terraform_version":"1.11.4","resource_changes":[]}'],
    [
      'as JSON in another order',
      '{ "terraform_version": "1.8.0",\n "complete": true, "format_version": "1.2" }',
    ],
    ['as a zip file', Uint8Array.of(0x50, 0x4b, 3, 4, 0xff)],
  ])('a plan %s is named as one, with the option for it', async (_, content) => {
    write('tfplan', content);
    await expect(read('tfplan')).rejects.toThrow(
      /tfplan: is (?:a plan|a zip file, as plans are) of Terraform or OpenTofu, and no template; give it with --plan$/,
    );
  });

  test('a template that only speaks of plans is none', async () => {
    const text = '{"Description":"\\"terraform_version\\" \\"format_version\\"","Resources":{}}';
    write('one.json', text);
    expect(await read('one.json')).toEqual([{ path: join(dir, 'one.json'), text }]);
  });

  test('a nested template beside it is read, and counts once if it is named as well', async () => {
    write('app/one.json', nestedIn('parts/two.json'));
    write('app/parts/two.json', nestedIn('./three.yaml'));
    write('app/parts/three.yaml', 'Resources: {}');
    const inputs = await read('app/parts/three.yaml', 'app/one.json', 'app/parts/two.json');
    expect(inputs).toHaveLength(1);
    const two = inputs[0]?.nested?.get('Inner');
    expect(two?.path).toBe(join(dir, 'app/parts/two.json'));
    expect(two?.nested?.get('Inner')).toEqual({
      path: join(dir, 'app/parts/three.yaml'),
      text: 'Resources: {}',
    });
  });

  test.each([
    ['an address', 'https://s3.amazonaws.com/b/two.json'],
    ['a function', { 'Fn::Sub': 'https://${AWS::Region}/two.json' }],
    ['a file that is not there', './none.yaml'],
    ['itself', 'one.json'],
  ])('a nested template that is %s is left out', async (_, url) => {
    write('one.json', nestedIn(url));
    expect((await read('one.json'))[0]).not.toHaveProperty('nested');
  });

  test.each([['../secret.yaml'], ['link.yaml'], ['/etc/hostname']])(
    'nothing is read outside of the folder: %s',
    async (url) => {
      write('secret.yaml', 'Resources: {}');
      write('app/one.json', nestedIn(url));
      symlinkSync(join(dir, 'secret.yaml'), join(dir, 'app/link.yaml'));
      await expect(read('app/one.json')).rejects.toThrow(/is outside of .*app, and nothing is read outside/);
    },
  );

  test('what is no file, no text or too large is refused', async () => {
    write('binary.yaml', new Uint8Array([0xff, 0x00, 0x80]));
    write('large.yaml', ' '.repeat(8 * 1024 * 1024 + 1));
    await expect(read('none.yaml')).rejects.toThrow('none.yaml: cannot be read: there is no such file');
    await expect(read('binary.yaml')).rejects.toThrow('it is not text');
    await expect(read('large.yaml')).rejects.toThrow('it is larger than');
  });
});

describe('folders that the CDK wrote', () => {
  const stack = (templateFile: string, environment: string, more = {}) => ({
    type: 'aws:cloudformation:stack',
    environment,
    properties: { templateFile, ...more },
  });
  const writeAssembly = (): void => {
    write('out/manifest.json', {
      version: '48.0.0',
      artifacts: {
        Tree: { type: 'cdk:tree', properties: { file: 'tree.json' } },
        'One.assets': { type: 'cdk:asset-manifest', properties: { file: 'One.assets.json' } },
        One: stack('One.template.json', 'aws://111122223333/eu-west-1', { stackName: 'one-live' }),
        Two: stack('Two.template.json', 'aws://unknown-account/unknown-region'),
        Prod: { type: 'cdk:cloud-assembly', properties: { directoryName: 'assembly-Prod' } },
      },
    });
    write('out/One.assets.json', {
      files: {
        a: asset('definition.json', 'abc.json'),
        b: asset('One.nested.template.json', 'def.json'),
        c: asset('../../secret.json', 'ghi.zip'),
      },
    });
    write('out/definition.json', '{"Steps": []}');
    write('out/One.nested.template.json', { Resources: {} });
    write('out/One.template.json', {
      Resources: {
        P: {
          Type: 'AWS::SageMaker::Pipeline',
          Properties: {
            PipelineDefinition: { PipelineDefinitionS3Location: { Bucket: 'b', Key: 'abc.json' } },
          },
        },
        ...nestedIn({ 'Fn::Join': ['', ['https://s3.', { Ref: 'AWS::URLSuffix' }, '/bucket/def.json']] })
          .Resources,
      },
    });
    write('out/Two.template.json', nestedIn({ Ref: 'X' }, { 'aws:asset:path': 'One.nested.template.json' }));
    write('out/assembly-Prod/manifest.json', {
      artifacts: { 'Prod-Three': stack('Three.template.json', 'aws://444455556666/us-east-1') },
    });
    write('out/assembly-Prod/Three.template.json', { Resources: {} });
  };
  const asset = (path: string, objectKey: string) => ({
    source: { path, packaging: path.startsWith('..') ? 'zip' : 'file' },
    destinations: { current: { bucketName: 'cdk-assets', objectKey } },
  });

  test('give their stacks with names, accounts and Regions, nested stacks, definitions, and the stacks of stages', async () => {
    writeAssembly();
    const inputs = await read('out');
    expect(inputs.map(({ path, stack: known }) => ({ path, known }))).toEqual([
      {
        path: join(dir, 'out/One.template.json'),
        known: { name: 'one-live', account: '111122223333', region: 'eu-west-1' },
      },
      { path: join(dir, 'out/Two.template.json'), known: { name: 'Two' } },
      {
        path: join(dir, 'out/assembly-Prod/Three.template.json'),
        known: { name: 'Prod-Three', account: '444455556666', region: 'us-east-1' },
      },
    ]);
    const nested = join(dir, 'out/One.nested.template.json');
    expect(inputs[0]?.nested?.get('Inner')?.path).toBe(nested);
    expect(inputs[1]?.nested?.get('Inner')?.path).toBe(nested);
    expect([...(inputs[0]?.assets ?? [])]).toEqual([
      ['abc.json', { path: join(dir, 'out/definition.json'), text: '{"Steps": []}' }],
    ]);
  });

  test('one whose files are missing or elsewhere is refused', async () => {
    mkdirSync(join(dir, 'empty'));
    await expect(read('empty')).rejects.toThrow(
      'holds no manifest.json: name a folder that `cdk synth` wrote',
    );
    write('broken/manifest.json', '{"artifacts": ');
    await expect(read('broken')).rejects.toThrow(/broken\/manifest\.json:1:\d+: /);
    write('gone/manifest.json', { artifacts: { A: stack('A.json', 'aws://1/2') } });
    await expect(read('gone')).rejects.toThrow('manifest.json names it, and there is no such file');
    write('secret.json', {});
    write('out2/manifest.json', { artifacts: { A: stack('../secret.json', 'aws://1/2') } });
    await expect(read('out2')).rejects.toThrow('nothing is read outside of the folder that was named');
  });

  test('a stage that is its own folder ends', async () => {
    const stage = { type: 'cdk:cloud-assembly', properties: { directoryName: '.' } };
    write('out/manifest.json', { artifacts: { Self: stage } });
    expect(await read('out')).toEqual([]);
  });
});
