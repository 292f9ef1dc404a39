"""Search against brute force. Arguments: sample N FILE (simple sets by chance, as a file of sets); enough MARGIN FOLDER ROOT
(exit 0: no set that is left out can win); check MARGIN FOLDER ROOT... FOLDER holds search.csv, sweep_ROOT.csv and
sample_ROOT.csv."""
import csv
import random
import sys

CONTACTS = 16


def simple_set(r):
    """A monopole, bipole or tripole in quarters: all equally likely."""
    fraction = [0.0] * (CONTACTS + 1)
    number = r.randrange(16 + 240 + 10080)
    if number < 16:
        fraction[number], fraction[CONTACTS] = -1.0, 1.0
        return fraction
    one, a, b = r.sample(range(CONTACTS), 3)
    sign = r.choice((-1.0, 1.0))
    part = 1.0 if number < 256 else r.choice((0.25, 0.5, 0.75))
    fraction[one] = -sign
    fraction[a] += sign * part
    fraction[b] += sign * (1.0 - part)
    return fraction


def write_sample(n, path):
    r = random.Random(1)
    with open(path, "w") as f:
        f.write("set," + ",".join(f"C{i + 1:02d}" for i in range(CONTACTS)) + ",case\n")
        for i in range(n):
            f.write(f"s{i + 1}," + ",".join(f"{v:g}" for v in simple_set(r)) + "\n")


def table(path):
    return list(csv.DictReader(open(path)))


def number(row, column):
    return float(row[column] or 0)


def best_of_search(folder, root):
    return max(number(r, "score") for r in table(f"{folder}/search.csv")
               if r["target"] == root + "_dorsal" and not r["limit"])


def left_out(folder, root):
    """The predictor's score that no set left out exceeds."""
    return min(number(r, "score_predicted") for r in table(f"{folder}/sweep_{root}.csv"))


def errors(folder, roots, kind):
    return [number(r, "score") - number(r, "score_predicted") for root in roots for r in table(f"{folder}/{kind}_{root}.csv")]


def check(margin, folder, roots):
    gains = []
    for root in roots:
        best, rows = best_of_search(folder, root), table(f"{folder}/sweep_{root}.csv")
        simple = max((r for r in rows if not r["limit"]), key=lambda r: number(r, "score"))
        gains.append(best - number(simple, "score"))
        print(0 if gains[-1] >= 0 else 1, f"{root}: search {best:.4f}, simple {number(simple, 'score'):.4f} ({simple['set']}),",
              f"gain {gains[-1]:.4f}")
        limit = left_out(folder, root) + margin
        print(0 if limit < best else 1, f"{root}: what is left out has at most {limit:.4f}, margin included ({len(rows)} sets kept)")
    print(f"gain {min(gains):.4f} to {max(gains):.4f}, mean {sum(gains) / len(gains):.4f}")
    for kind in ("sweep", "sample"):
        e = sorted(errors(folder, roots, kind))
        print(0 if e[-1] < margin else 1, f"the full model's score exceeds the predictor's by at most {e[-1]:.4f} < {margin}",
              f"({kind}: {len(e)} scores, 99 % below {e[int(0.99 * len(e))]:.4f}, median {e[len(e) // 2]:.4f}, least {e[0]:.4f})")


if __name__ == "__main__":
    what = sys.argv[1]
    if what == "sample":
        write_sample(int(sys.argv[2]), sys.argv[3])
    elif what == "enough":
        sys.exit(not left_out(sys.argv[3], sys.argv[4]) + float(sys.argv[2]) < best_of_search(sys.argv[3], sys.argv[4]))
    else:
        check(float(sys.argv[2]), sys.argv[3], sys.argv[4:])
