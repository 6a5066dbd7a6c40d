const methods = 24

/** Returns a PHP class that needs about as much memory in OPcache as a class of a usual framework. */
export function applicationClass(name: string, version: string): string {
  const body = Array.from({ length: methods }, (_, number) => {
    const text = `${name} of ${version}, method ${number}`
    return `
    /** @return array<string, int|string> */
    public function describe${number}(string $subject, int $times = ${number}): array
    {
        $parts = [];
        for ($index = 0; $index < $times; $index++) {
            $parts[] = sprintf('%s says %s for the %d. time', '${text}', $subject, $index);
        }
        return ['what' => '${text}', 'length' => strlen(implode("\\n", $parts)), 'times' => $times];
    }
`
  })
  return `<?php
declare(strict_types=1);

final class ${name}
{
    public function count(): int
    {
        return 1;
    }
${body.join('')}}
`
}
