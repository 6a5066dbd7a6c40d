import { joinScripts, sh, type Script } from '../../target/sh.ts'
import { enterDirectory, enterPrivateDirectory } from './private-directory.ts'

/**
 * Creates a directory and its parents, and moves them into place when it has its owner and mode, and also the parents
 * with `parents: 'same'`. If the directory exists by now, sets its owner and mode in place.
 */
export function makeDirectory(
  path: string,
  owner: string | undefined,
  mode: string | undefined,
  parents: 'same' | 'default' = 'default',
): Script {
  const give = (place: Script): Script =>
    joinScripts([
      ...(owner === undefined ? [] : [sh`chown ${owner} ${place}`]),
      ...(mode === undefined ? [] : [sh`chmod ${`0${mode}`} ${place}`]),
    ])
  // the deepest first: a mode may make the ones below unreachable
  const giveAll = joinScripts([
    ...(owner === undefined ? [] : [sh`find new -depth -exec chown ${owner} {} +`]),
    ...(mode === undefined ? [] : [sh`find new -depth -exec chmod ${`0${mode}`} {} +`]),
  ])
  return sh`
    (
    path=${path}
    if [ -d "$path" ] && [ ! -h "$path" ]; then
      directory=$path
      ${enterDirectory}
      ${give(sh`.`)}
      exit 0
    fi
    directory=\${path%/*}
    until [ -d "\${directory:-/}" ]; do directory=\${directory%/*}; done
    missing=\${path#"$directory"/} directory=\${directory:-/}
    ${enterDirectory}
    ${enterPrivateDirectory}
    case $missing in
      */*) made=new/\${missing#*/} ;;
      *) made=new ;;
    esac
    mkdir -p "$made"
    ${parents === 'same' ? giveAll : give(sh`"$made"`)}
    mv -fT new "../\${missing%%/*}"
    )
  `
}
