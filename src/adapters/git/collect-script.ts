/**
 * Runs inside the workspace. Arguments: branch, the commit that was given, folder for the pack, commit message, limit of a
 * file in blocks of 512 bytes. Its last line is `head <commit>` or `refused <why>`; nobody believes it unchecked.
 *
 * What the checkout shows is what counts: commits on another branch or on none count if they go on from ours.
 */
export const COMMIT_AND_PACK = `
branch=refs/heads/$1 given=$2 out=$3 message=$4 blocks=$5 nothing_to_commit=
refuse() { echo "refused $*"; exit 0; }

# The agent is dead; a git of its that was killed in the middle left its locks.
find "$GIT_DIR" -name '*.lock' -type f -exec rm -f {} + 2>/dev/null

tip=$(git rev-parse --verify --quiet "$branch^{commit}") || refuse "the branch $1 is gone"
head=$(git rev-parse --verify --quiet 'HEAD^{commit}') || head=$tip
[ -z "$(git ls-files --unmerged | head -c 1)" ] || refuse "a merge was left with conflicts"

if [ "$(git symbolic-ref --quiet HEAD)" != "$branch" ]; then
  if git merge-base --is-ancestor "$tip" "$head"; then
    git update-ref "$branch" "$head" && git symbolic-ref HEAD "$branch" || refuse "the branch $1 cannot be moved"
  elif [ -z "$(git status --porcelain | head -c 1)" ]; then
    nothing_to_commit=1
  else
    refuse "uncommitted changes lie on another branch than $1"
  fi
fi

if [ -z "$nothing_to_commit" ]; then
  git add --all || refuse "git add failed"
  if ! git diff --cached --quiet || [ -e "$GIT_DIR/MERGE_HEAD" ]; then
    git commit --quiet --no-verify --allow-empty-message --cleanup=verbatim --message="$message" || refuse "git commit failed"
  fi
fi

head=$(git rev-parse --verify --quiet "$branch^{commit}") || refuse "the branch $1 is gone"
if [ "$head" != "$given" ]; then
  ( (ulimit -f "$blocks") 2>/dev/null && ulimit -f "$blocks"
    printf '%s\\n^%s\\n' "$head" "$given" | git pack-objects --quiet --revs --thin --delta-base-offset --stdout > "$out/pack" ) ||
    refuse "objects are missing in the repository"
fi
echo "head $head"
`
