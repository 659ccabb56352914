// What there is to say about a repository's folder, as one JSON object: `pitstop repo show --json`, and what the text
// for people is printed from.
//
//     {"repositories": [{"name": "image", "root": {version, expires, state},
//        "roles": [{"name", "classical": {"needed", "keys"}, "post_quantum": {…}, "batch_signatures", "version",
//                   "expires", "state", "holders": [{"key_id", "type", "who", "private"}]}],
//        "delegations": [… the same, and "scope"], "images": 12}],
//      "staged": [{"file", "title", "complete", "demands": […], "still_to_sign": […]}],
//      "advice": ["…"]}
//
// `state` is "fine", "expires soon" or "EXPIRED"; `private` is "sealed", "open" or "elsewhere". Files are read, and
// signatures checked, but dates do not refuse: this is for whoever has to mend it. Faults: cli.no-repository, those of
// repo_folder.h.
#pragma once

#include "apps/pitstop/repo_folder.h"

namespace pitstop::cli {

[[nodiscard]] Result<json::Object> facts_of(const RepoOrder& order);

}  // namespace pitstop::cli
