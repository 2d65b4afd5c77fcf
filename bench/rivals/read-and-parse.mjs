import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

// What nobody can audit a snapshot without: reads each JSON file of a folder, and parses it.

for (const entry of readdirSync(process.argv[2], { recursive: true, withFileTypes: true }))
  if (entry.isFile() && entry.name.endsWith('.json'))
    JSON.parse(readFileSync(join(entry.parentPath, entry.name), 'utf8'));
