/**
 * Runs inside the workspace. Arguments: branch, the commit that was given, folder for the pack, commit message, limit of
 * the whole in bytes. Its last line is `head <commit>`, `large <what>` or `refused <why>`; nobody believes it unchecked.
 *
 * What the checkout shows is what counts: commits on another branch or on none count if they go on from ours.
 */
export const COMMIT_AND_PACK = `
branch=refs/heads/$1 given=$2 out=$3 message=$4 max=$5 nothing_to_commit=
refuse() { echo "refused $*"; exit 0; }
large() { printf 'large %s\\n' "$*"; exit 0; }

# The agent is dead; a git of its that was killed in the middle left its locks.
find "$GIT_DIR" -name '*.lock' -type f -exec rm -f {} + 2>/dev/null

tip=$(git rev-parse --verify --quiet "$branch^{commit}") || refuse "the branch $1 is gone"
head=$(git rev-parse --verify --quiet 'HEAD^{commit}') || head=$tip
[ -z "$(git ls-files --unmerged | head -c 1)" ] || refuse "a merge was left with conflicts"

if [ "$(git symbolic-ref --quiet HEAD)" != "$branch" ]; then
  if git merge-base --is-ancestor "$tip" "$head"; then
    git update-ref "$branch" "$head" && git symbolic-ref HEAD "$branch" || refuse "the branch $1 cannot be moved"
  elif [ -n "$(git rev-list --max-count=1 "$head" --not "$tip" "$given" --remotes)" ]; then
    refuse "commits lie on another branch than $1"
  elif [ -z "$(git status --porcelain | head -c 1)" ]; then
    nothing_to_commit=1
  else
    refuse "uncommitted changes lie on another branch than $1"
  fi
fi

if [ -z "$nothing_to_commit" ]; then
  # Before git reads it: a file of holes may pretend to any size.
  big=$(git ls-files -z --others --modified --exclude-standard | xargs -0 -n 200 sh -c '
    max=$0
    for path do set -- "$@" "./$path"; shift; done
    find "$@" -prune -type f -size +"$max"c' "$max" 2>/dev/null | head -n 1)
  [ -z "$big" ] || large "$big"
  git add --all || refuse "git add failed"
  if ! git diff --cached --quiet || [ -e "$GIT_DIR/MERGE_HEAD" ]; then
    git commit --quiet --no-verify --allow-empty-message --cleanup=verbatim --message="$message" || refuse "git commit failed"
  fi
fi

head=$(git rev-parse --verify --quiet "$branch^{commit}") || refuse "the branch $1 is gone"
if [ "$head" != "$given" ]; then
  bytes=$(git rev-list --objects --no-object-names "$head" --not "$given" --remotes |
    git cat-file --batch-check='%(objectsize)' | awk 'NF == 1 { sum += $1 } END { printf "%.0f", sum }')
  [ "\${bytes:-0}" -le "$max" ] || large "the commits with $bytes bytes"
  blocks=$((max / 512 + 8))
  ( (ulimit -f "$blocks") 2>/dev/null && ulimit -f "$blocks"
    printf '%s\\n^%s\\n' "$head" "$given" | git pack-objects --quiet --revs --thin --delta-base-offset --stdout > "$out/pack" ) ||
    refuse "objects are missing in the repository"
fi
echo "head $head"
`
