// What lies in a campaign's folder: all of it is vouched for, it comes out the same every time, and images come back.
#include "apps/pitstop/campaign_check.h"
#include "apps/pitstop/commands.h"
#include "apps/pitstop/faults.h"
#include "apps/pitstop/package_files.h"
#include "core/delta/make.h"
#include "core/package/faults.h"
#include "core/package/full_package.h"
#include "core/seal/openssl_opener.h"
#include "io/config/faults.h"
#include "io/files/atomic_file.h"
#include "io/files/faults.h"
#include "io/keys/seal_key.h"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>
#include <format>
#include <fstream>
#include <map>
#include <sstream>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

const UtcTime now{1'790'000'000};
constexpr std::string_view hex_text = ":020000000102FB\n:0400100001020304E2\n:00000001FF\n";

class Folder : public testing::Test {
protected:
    const fs::path folder = fs::path(testing::TempDir()) / std::format("pitstop-folder-{}", ::getpid());
    const std::string keys = (folder / "keys").string(), output = (folder / "out").string();
    const fs::path campaign = folder / "out/Campaign_OTA-1";
    std::ostringstream out, err;

    void SetUp() override {
        ASSERT_TRUE(make_signing_pair(keys, "package"));
        write("vmg.bin", std::string(200, 'v'));
        write("brake.hex", hex_text);
        std::string zeros(3000, '\0');
        for (std::size_t i = 0; i < 40; ++i) zeros[i * 70] = static_cast<char>('a' + i % 26);
        write("radio.bin", zeros);
        write("notes.md", "Smoother braking.\n");
        write("brake.cdx.json", "{}\n");
    }
    void TearDown() override { fs::remove_all(folder); }

    void write(std::string_view name, std::string_view bytes) const {
        std::ofstream(folder / name, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }
    [[nodiscard]] std::string at(std::string_view name) const { return (folder / name).string(); }
    static Bytes read(const fs::path& file) { return *io::files::read_file(file, std::size_t{1} << 26); }

    int run(const Words& words) {
        out.str("");
        err.str("");
        std::vector<const char*> arguments{"pitstop"};
        for (const std::string& word : words) arguments.push_back(word.c_str());
        return run_pitstop(arguments, now, out, err);
    }
    [[nodiscard]] Words order(const std::string& to) const {
        return {"package",
                "build",
                "--campaign-id",
                "OTA-1",
                "--vmg-binary",
                at("vmg.bin"),
                "--vmg-version",
                "2.2.0.100",
                "--ecu-011-binary",
                at("brake.hex"),
                "--ecu-011-version",
                "1.1.0.10",
                "--ecu-011-sbom",
                at("brake.cdx.json"),
                "--ecu-012-binary",
                at("radio.bin"),
                "--ecu-012-version",
                "3.0.0",
                "--compress",
                "--release-notes",
                at("notes.md"),
                "--output-dir",
                to,
                "--signing-keys",
                keys};
    }
    int build(const Words& more = {}) {
        Words words = order(output);
        words.insert(words.end(), more.begin(), more.end());
        return run(words);
    }
    int verify() { return run({"package", "verify", campaign.string(), "--keys", keys}); }
    int extract(const Words& more = {}) {
        Words words{"package", "extract", campaign.string(), "--to", at("images"), "--keys", keys};
        words.insert(words.end(), more.begin(), more.end());
        return run(words);
    }
    [[nodiscard]] bool said(const Fault& fault) const { return err.str().find(fault.code) != std::string::npos; }

    // Every file of a folder, by its path in it.
    static std::map<std::string, Bytes> files_in(const fs::path& place) {
        std::map<std::string, Bytes> files;
        for (const auto& entry : fs::recursive_directory_iterator(place))
            if (entry.is_regular_file()) files[fs::relative(entry.path(), place).string()] = read(entry.path());
        return files;
    }
};

TEST_F(Folder, NoticesEveryFlippedByteOfEveryFile) {
    ASSERT_EQ(build(), 0) << err.str();
    const auto trusted = *load_public_keys(keys);
    const auto accepted = [&] { return verify_campaign(campaign, trusted).has_value(); };
    ASSERT_TRUE(accepted());
    std::size_t flips = 0, refused = 0;
    for (const auto& [name, bytes] : files_in(campaign)) {
        const fs::path file = campaign / name;
        std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
        for (std::size_t i = 0; i < bytes.size(); ++i, ++flips) {
            const auto flipped = static_cast<char>(bytes[i] ^ 1U << i % 8);
            stream.seekp(static_cast<std::streamoff>(i)).put(flipped).flush();
            const bool was_accepted = accepted();
            EXPECT_FALSE(was_accepted) << name << " byte " << i;
            refused += was_accepted ? 0 : 1;
            stream.seekp(static_cast<std::streamoff>(i)).put(static_cast<char>(bytes[i])).flush();
        }
    }
    EXPECT_TRUE(accepted());
    std::cout << std::format("{} of {} flips refused, in {} files\n", refused, flips, files_in(campaign).size());
    EXPECT_EQ(refused, flips);
    EXPECT_GT(flips, 10'000U);
}

TEST_F(Folder, NoticesWhatIsCutOffAddedOrMissing) {
    ASSERT_EQ(build(), 0) << err.str();
    for (const auto& [name, bytes] : files_in(campaign)) {
        const fs::path file = campaign / name;
        fs::resize_file(file, bytes.size() - 1);
        EXPECT_EQ(verify(), failed) << name;
        std::ofstream(file, std::ios::binary)
                .write(reinterpret_cast<const char*>(bytes.data()), std::streamsize(bytes.size()))
            << 'x';
        EXPECT_EQ(verify(), failed) << name;
        fs::remove(file);
        EXPECT_EQ(verify(), failed) << name;
        std::ofstream(file, std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()), std::streamsize(bytes.size()));
        EXPECT_EQ(verify(), 0) << name << err.str();
    }
    std::ofstream(campaign / "zone3_package/more.bin") << "x";
    EXPECT_EQ(verify(), failed);
    EXPECT_TRUE(said(faults::stray_file));
}

TEST_F(Folder, NoticesAZonesPackageOfAnotherBuildAndAnotherPaper) {
    ASSERT_EQ(build(), 0) << err.str();
    const fs::path zone = campaign / "zone3_package/zone3_package.bin";
    const Bytes good = read(zone), whole = read(campaign / "full_package.bin");
    ASSERT_FALSE(good.empty());
    // A sound record, but the gateway's.
    std::ofstream(zone, std::ios::binary)
        .write(reinterpret_cast<const char*>(whole.data()), std::streamsize(good.size()));
    EXPECT_EQ(verify(), failed);
    EXPECT_TRUE(said(package::faults::differs_from_metadata));
    std::ofstream(zone, std::ios::binary)
        .write(reinterpret_cast<const char*>(good.data()), std::streamsize(good.size()));
    std::ofstream(campaign / "release_notes.md") << "Smoother parking.\n";
    EXPECT_EQ(verify(), failed);
    EXPECT_TRUE(said(package::faults::differs_from_metadata));
}

TEST_F(Folder, LooksTheSameWheneverItIsBuilt) {
    ASSERT_EQ(build({"--timestamp", "2026-11-20T10:19:30Z"}), 0) << err.str();
    Words again = order(at("again"));
    again.insert(again.end(), {"--timestamp=2026-11-20T10:19:30Z"});
    ASSERT_EQ(run(again), 0) << err.str();
    const auto first = files_in(campaign), second = files_in(folder / "again/Campaign_OTA-1");
    EXPECT_EQ(first.size(), 6U);
    EXPECT_TRUE(first == second);
    for (const char* name : {"campaign_metadata.json", "full_package.bin", "vmg_package/vmg_package.bin",
                             "zone3_package/zone3_package.bin", "release_notes.md", "ECU_011-sbom.json"})
        EXPECT_TRUE(first.contains(name)) << name;
}

TEST_F(Folder, GivesImagesBackAsTheyGoIntoTheBank) {
    ASSERT_EQ(build(), 0) << err.str();
    ASSERT_EQ(extract(), 0) << err.str();
    EXPECT_EQ(read(folder / "images/VMG-2.2.0.100.bin"), read(folder / "vmg.bin"));
    EXPECT_EQ(read(folder / "images/ECU_012-3.0.0.bin"), read(folder / "radio.bin"));
    Bytes flat(20, 0xFF);
    flat[0] = 1, flat[1] = 2, flat[16] = 1, flat[17] = 2, flat[18] = 3, flat[19] = 4;
    EXPECT_EQ(read(folder / "images/ECU_011-1.1.0.10.bin"), flat);

    EXPECT_EQ(extract(), failed);  // never over what is there
    EXPECT_TRUE(said(faults::already_there));
    fs::remove_all(folder / "images");
    std::fstream(campaign / "full_package.bin", std::ios::in | std::ios::out | std::ios::binary).seekp(500).put('x');
    EXPECT_EQ(extract(), failed);
    EXPECT_FALSE(fs::exists(folder / "images"));  // and nothing of a damaged package, not even a folder
    fs::create_directory(folder / "images");
    EXPECT_EQ(extract(), failed);
    EXPECT_TRUE(fs::is_empty(folder / "images"));
}

TEST_F(Folder, IsMadeByTheShortestCommandWithKeysToTryThingsOutWith) {
    const Words shortest{"package",          "build",         "--campaign-id",     "OTA-1",
                         "--vmg-binary",     at("vmg.bin"),   "--vmg-version",     "2.2.0.100",
                         "--zgw-binary",     at("radio.bin"), "--zgw-version",     "1.2.0.50",
                         "--ecu-011-binary", at("brake.hex"), "--ecu-011-version", "1.1.0.10",
                         "--output-dir",     output,          "--compress"};
    ASSERT_EQ(run(shortest), 0) << err.str();
    EXPECT_NE(err.str().find("nobody knows them"), std::string::npos);
    const auto metadata = package::from_json(read(metadata_file(campaign)));
    ASSERT_TRUE(metadata);
    EXPECT_EQ(metadata->records.size(), 12U);
    EXPECT_EQ(metadata->parts.size(), 11U);
    EXPECT_EQ(metadata->parts[3].ecus,
              (std::vector<package::Addressee>{*EcuId::parse("ECU_093"), *EcuId::parse("ECU_011")}));
    EXPECT_EQ(run({"package", "verify", campaign.string()}), 0) << err.str();
    EXPECT_NE(err.str().find("package-keys"), std::string::npos) << "it says whom it believed";
    fs::remove_all(fs::path(output) / "package-keys");
    EXPECT_EQ(run({"package", "verify", campaign.string()}), failed);
    EXPECT_TRUE(said(faults::no_keys));
    EXPECT_NE(err.str().find("repo/keys/packages"), std::string::npos);
    ASSERT_EQ(run({"package", "show", campaign.string()}), 0);
    EXPECT_NE(out.str().find("% saved"), std::string::npos);
}

TEST_F(Folder, IsBuiltFromADescription) {
    write("package.yaml",
          "campaign_id: OTA-1\ncompress: yes\nrelease_notes: notes.md\nimages:\n"
          "  - { for: ECU_012, binary: radio.bin, version: 3.0.0, opens: gzip }\n");
    const Words words{"package",      "build", "--description",  at("package.yaml"),
                      "--output-dir", output,  "--signing-keys", keys};
    ASSERT_EQ(run(words), 0) << err.str();
    const auto metadata = package::from_json(read(metadata_file(campaign)));
    EXPECT_EQ(metadata->records[0].form.str(), "gzip");
    EXPECT_EQ(metadata->papers.size(), 1U);
    EXPECT_EQ(verify(), 0) << err.str();
    write("package.yaml", "campaign_id: OTA-2\ncolour: red\nimages: []\n");
    EXPECT_EQ(run(words), failed);
    EXPECT_TRUE(said(io::config::faults::unknown_key));
    EXPECT_NE(err.str().find("package.yaml:2"), std::string::npos);
}

TEST_F(Folder, KeepsAnImageClosedForAllButItsEcu) {
    const auto key = *crypto::xwing::PrivateKey::generate();
    ASSERT_TRUE(io::keys::save_public_seal_key(folder / "brake.pub", key.public_key()));
    ASSERT_EQ(build({"--ecu-011-seal-to", at("brake.pub")}), 0) << err.str();
    ASSERT_EQ(verify(), 0) << err.str();
    EXPECT_NE(out.str().find("1 of 3 images are sealed"), std::string::npos) << out.str();
    ASSERT_EQ(extract(), 0) << err.str();
    EXPECT_NE(out.str().find("ECU_011  sealed"), std::string::npos);
    fs::remove_all(folder / "images");
    ASSERT_EQ(extract({"--sealed-as-is"}), 0) << err.str();
    const auto metadata = *package::from_json(read(metadata_file(campaign)));
    const package::RecordEntry& record = metadata.records[1];
    const Bytes sealed = read(folder / "images" / std::format("ECU_011-1.1.0.10.{}", record.form.str()));
    EXPECT_EQ(crypto::sha256(sealed), record.payload_sha256);

    EXPECT_EQ(build({"--campaign-id=OTA-2", "--ecu-011-seal-to", at("nobody.pub")}), not_understood);
    Words missing = order(at("other"));
    missing.insert(missing.end(), {"--ecu-012-seal-to", at("nobody.pub")});
    EXPECT_EQ(run(missing), failed);
    EXPECT_TRUE(said(io::files::faults::not_there));
}

TEST_F(Folder, IsNotMadeFromAnOptionThatIsEmpty) {
    for (const char* option : {"--ecu-012-seal-to", "--ecu-012-hardware", "--vehicle", "--sbom", "--timestamp"}) {
        EXPECT_EQ(build({option, ""}), not_understood) << option;
        EXPECT_EQ(build({std::string(option) + "="}), not_understood) << option;
        EXPECT_FALSE(fs::exists(campaign)) << option;
    }
    EXPECT_EQ(run({"package", "verify", campaign.string(), "--keys", ""}), not_understood);
}

TEST_F(Folder, NeverWaitsForAPipe) {
    ASSERT_EQ(build(), 0) << err.str();
    for (const char* name : {"full_package.bin", "zone3_package/zone3_package.bin", "release_notes.md"}) {
        const fs::path file = campaign / name;
        const Bytes bytes = read(file);
        fs::remove(file);
        ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
        for (const int code :
             {verify(), extract(),
              name == std::string("full_package.bin") ? run({"package", "show", file.string()}) : verify()}) {
            EXPECT_EQ(code, failed) << name;
            EXPECT_TRUE(said(io::files::faults::unreadable)) << err.str();
        }
        fs::remove(file);
        std::ofstream(file, std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()), std::streamsize(bytes.size()));
    }
    EXPECT_EQ(verify(), 0) << err.str();
}

TEST_F(Folder, SteersNobodysTerminal) {
    ASSERT_EQ(build(), 0) << err.str();
    std::string text(text_of(read(metadata_file(campaign))));
    const auto at = text.find("\"hardware_id\":\"");
    ASSERT_NE(at, std::string::npos);
    text.insert(at + 15, "\\u001b[2J");
    std::ofstream(metadata_file(campaign)) << text;
    EXPECT_EQ(run({"package", "show", campaign.string()}), failed);
    EXPECT_EQ(err.str().find('\033'), std::string::npos) << err.str();
    EXPECT_NE(err.str().find("?[2J"), std::string::npos) << err.str();
    write("vmg.bin", "x");
    EXPECT_EQ(run({"package", "build", "--campaign-id", "OTA-3", "--ecu-011-binary", (folder / "vmg.bin").string(),
                   "--ecu-011-version", "1.0.0", "--ecu-011-hardware", "\033[2J"}),
              not_understood);
    EXPECT_EQ(err.str().find('\033'), std::string::npos) << err.str();
}

TEST_F(Folder, SaysWhatItTookEachFileFor) {
    ASSERT_EQ(build(), 0) << err.str();
    EXPECT_NE(out.str().find("ECU_011  from brake.hex: Intel HEX, laid out flat"), std::string::npos) << out.str();
    EXPECT_NE(out.str().find("VMG      from vmg.bin: raw, as it is"), std::string::npos) << out.str();
}

TEST_F(Folder, TellsADeltaFromWhatIsSealed) {
    const Bytes old(5000, 1), image(5001, 1);
    const EcuId brake = *EcuId::parse("ECU_011");
    struct File final : package::Output {
        std::ofstream stream;
        explicit File(const fs::path& path) : stream(path, std::ios::binary) {}
        Result<void> write(View bytes) override {
            stream.write(reinterpret_cast<const char*>(bytes.data()), std::streamsize(bytes.size()));
            return {};
        }
    };
    fs::create_directories(campaign);
    const std::vector<package::PackagedImage> images{{.ecu = brake,
                                                      .hardware = *HardwareId::parse("HW"),
                                                      .version = {1, 0, 0},
                                                      .target = *TargetName::parse("HW/image"),
                                                      .image = *image::read("app.bin", image),
                                                      .form = *Form::parse("delta"),
                                                      .payload = *delta::make(old, image)}};
    {
        File file(package_file(campaign));
        const auto metadata = *package::write_full_package(*CampaignId::parse("OTA-1"), now, images, file);
        SigningPair pair = *load_signing_pair(keys, "package");
        std::ofstream(metadata_file(campaign)) << *package::sign(metadata, pair.signers());
    }
    ASSERT_EQ(verify(), 0) << err.str();
    EXPECT_NE(out.str().find("1 of 1 images are deltas"), std::string::npos) << out.str();
    EXPECT_EQ(out.str().find("sealed"), std::string::npos) << out.str();
    ASSERT_EQ(extract(), 0) << err.str();
    EXPECT_NE(out.str().find("ECU_011  delta"), std::string::npos) << out.str();
}

TEST_F(Folder, IsOnTheDiskWithTheFoldersInIt) {
    const fs::path place = folder / "new";
    fs::create_directories(place);
    auto files = *PackageFiles::create(place);
    ASSERT_TRUE(files.begin_record(*EcuId::parse("ECU_011"), 3));
    ASSERT_TRUE(files.write(view_of("x")));
    fs::rename(place / "zone3_package", place / "elsewhere");  // so that bringing it to the disk fails
    EXPECT_TRUE(files.finish().error().is(io::files::faults::not_synced));
}

TEST_F(Folder, SpeaksOfTheFileThatIsWrong) {
    std::ofstream full("/dev/full");
    const char* const words[] = {"pitstop", "--help"};
    EXPECT_EQ(run_pitstop(words, now, full, err), failed);
    EXPECT_TRUE(said(io::files::faults::unwritable));
    Words folder_as_binary{"package",           "build", "--campaign-id", "OTA-1", "--ecu-011-binary", at("."),
                           "--ecu-011-version", "1.0.0", "--output-dir",  output,  "--signing-keys",   keys};
    EXPECT_EQ(run(folder_as_binary), failed);
    EXPECT_NE(err.str().find("not a regular file"), std::string::npos) << err.str();
    EXPECT_EQ(build({"--frob"}), not_understood);

    write("brake.hex", ":020000000102FC\n:00000001FF\n");
    EXPECT_EQ(build(), failed);
    EXPECT_NE(err.str().find("image.wrong-checksum"), std::string::npos);
    EXPECT_NE(err.str().find("brake.hex: line 1"), std::string::npos);
    EXPECT_FALSE(fs::exists(campaign));
}

}  // namespace
}  // namespace pitstop::cli
