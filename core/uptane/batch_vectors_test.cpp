// The vectors of docs/formats/batch.md, read from that page.
#include "core/crypto/digest.h"
#include "core/uptane/batch.h"

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/params.h>

#include <format>
#include <fstream>
#include <map>
#include <sstream>

namespace pitstop::uptane {
namespace {

using crypto::merkle::Node;
using crypto::merkle::Tree;

// The lines of a block that starts with ``` and this word.
std::vector<std::string> block(std::string_view kind) {
    std::ifstream page("docs/formats/batch.md");
    std::string line;
    while (std::getline(page, line) && line != std::format("```{}", kind)) {}
    std::vector<std::string> lines;
    while (std::getline(page, line) && line != "```") lines.push_back(line);
    EXPECT_FALSE(lines.empty()) << kind;
    return lines;
}

std::string text(std::size_t index) { return std::format(R"({{"n":{}}})", index); }

Tree tree_of(std::size_t size) {
    crypto::merkle::Sha384Nodes hasher;
    std::vector<Node> leaves;
    for (std::size_t i = 0; i < size; ++i) leaves.push_back(batch_leaf(hasher, text(i)));
    return Tree(std::move(leaves), hasher);
}

TEST(BatchPage, ShowsTheNodesRootsAndPathsThatWeCompute) {
    std::map<std::string, std::string> nodes;
    std::size_t roots = 0, paths = 0;
    for (const std::string& line : block("tree")) {
        std::istringstream words(line);
        std::string kind, name, hex;
        words >> kind;
        if (kind == "node") {
            words >> name >> hex;
            nodes[name] = hex;
        } else if (kind == "root") {
            std::size_t size = 0;
            words >> size >> name;
            EXPECT_EQ(to_hex(tree_of(size).root()), nodes.at(name)) << line;
            ++roots;
        } else {
            std::size_t index = 0, size = 0;
            words >> index >> size;
            hex.clear();
            while (words >> name) hex += nodes.at(name);
            EXPECT_EQ(to_hex(tree_of(size).path(index)), hex) << line;
            ++paths;
        }
    }
    EXPECT_EQ(roots, 5U);
    EXPECT_EQ(paths, 1U + 2 + 3 + 5 + 7);
    crypto::merkle::Sha384Nodes hasher;
    for (std::size_t i = 0; i < 7; ++i) EXPECT_EQ(to_hex(batch_leaf(hasher, text(i))), nodes.at(std::to_string(i)));
}

// PKCS#8 with a seed alone (RFC 9881 §6).
crypto::PrivateKey key_from_seed(std::string_view seed_hex) {
    const Bytes pkcs8 = *from_hex(std::format("3034020100300b060960864801650304031204228020{}", seed_hex));
    const std::uint8_t* at = pkcs8.data();
    return *crypto::PrivateKey::from_native(
        crypto::Owned<EVP_PKEY>(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(pkcs8.size()))));
}

Bytes sign_deterministically(const crypto::PrivateKey& key, View message) {
    const crypto::Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
    int deterministic = 1;
    const std::array<OSSL_PARAM, 2> parameters{
        OSSL_PARAM_construct_int(OSSL_SIGNATURE_PARAM_DETERMINISTIC, &deterministic), OSSL_PARAM_construct_end()};
    EXPECT_EQ(EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key.native(), parameters.data()),
              1);
    Bytes signature(3309);
    std::size_t size = signature.size();
    EXPECT_EQ(EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()), 1);
    EXPECT_EQ(size, signature.size());
    return signature;
}

TEST(BatchPage, ShowsASignatureThatWeMakeAndBelieve) {
    std::map<std::string, std::string> shown;
    for (const std::string& line : block("signed"))
        shown[line.substr(0, line.find(' '))] = line.substr(line.rfind(' ') + 1);
    const crypto::PrivateKey key = key_from_seed(shown.at("seed"));
    EXPECT_EQ(key.public_key().key_id(), shown.at("keyid"));

    const Tree tree = tree_of(3);
    const BatchMessage message = batch_message(tree.size(), tree.root());
    EXPECT_EQ(to_hex(message), shown.at("message"));
    const Bytes signature = sign_deterministically(key, message);
    EXPECT_EQ(to_hex(crypto::sha256(signature)), shown.at("sha256(sig)"));

    const BatchProof proof{2, 3, *from_hex(shown.at("path"))};
    EXPECT_TRUE(batch_signs(key.public_key(), text(2), proof, signature));
    EXPECT_FALSE(batch_signs(key.public_key(), text(1), proof, signature));
}

}  // namespace
}  // namespace pitstop::uptane
