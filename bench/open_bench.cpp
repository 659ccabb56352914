// What opening an image in an ECU costs in memory and time, beside the naive way that holds everything. For
// bench/open.py.
//
//     bench-open make FORM MEGABYTES FOLDER        the desk: what an ECU has (old.img) and gets (payload), to files
//     bench-open stream|naive FORM MEGABYTES FOLDER    the ECU: one line of JSON
//
// Images are generated as they are needed: code-like, the new one with moved and changed pieces. The streaming way is
// flash::ImageOpening's: one storage, blocks of 16 KiB in. The naive way reads the payload, opens it stage by stage
// into memory and has the old image there for a delta. Heap: what malloc gives out (mallinfo2), sampled at every block,
// beyond what the process had when its cryptography was ready; and how often operator new was called on the way.
// A second, untimed opening compares every byte with what was generated.
#include "core/base/collected.h"
#include "core/compress/writers.h"
#include "core/crypto/digest.h"
#include "core/delta/image_in_memory.h"
#include "core/delta/make.h"
#include "core/package/opener.h"
#include "core/seal/openssl_opener.h"
#include "core/seal/seal.h"

#include <fcntl.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <format>
#include <fstream>
#include <iostream>
#include <new>

namespace {

using namespace pitstop;
using Clock = std::chrono::steady_clock;
namespace fs = std::filesystem;

std::size_t allocations = 0;  // calls of operator new

constexpr std::size_t megabyte = 1'000'000;
constexpr std::size_t block_bytes = 16 * 1024;
constexpr std::uint32_t window_bytes = 4096;
constexpr std::uint32_t chunk_bytes = 64 * 1024;
constexpr std::size_t record_bytes = 16;

constexpr Fault went_wrong{"bench.went-wrong", Remedy::stop, "A measurement could not be made.", "See the detail."};

enum class Release { old_one, new_one };

std::uint32_t mixed(std::uint32_t n) {
    n = (n ^ (n >> 16)) * 0x7FEB352DU;
    n = (n ^ (n >> 15)) * 0x846CA68BU;
    return n ^ (n >> 16);
}

// Bytes from `offset` of an image of this size. Every record: an opcode of few, operands that repeat, a number.
void fill(Release release, std::uint64_t size_bytes, std::uint64_t offset, Room into) {
    for (std::size_t i = 0; i < into.size(); ++i) {
        const std::uint64_t at = offset + i;
        auto record = static_cast<std::uint32_t>(at / record_bytes);
        if (release == Release::new_one && at > size_bytes / 3) record -= 40;  // moved in: 640 bytes
        std::uint32_t hash = mixed(record);
        if (release == Release::new_one && hash % 400 == 0) hash = ~hash;  // changed
        const std::uint32_t idiom = mixed(hash % 96);
        const std::size_t place = at % record_bytes;
        into[i] =
            static_cast<std::uint8_t>(place < 12 ? idiom >> (place % 4 * 8) ^ place * 37 : hash >> (place % 4 * 4));
    }
}

class ToFile final : public ByteSink {
public:
    explicit ToFile(const fs::path& path) : file_(path, std::ios::binary) {}
    Result<void> push(View piece) override {
        file_.write(reinterpret_cast<const char*>(piece.data()), static_cast<std::streamsize>(piece.size()));
        return {};
    }
    Result<void> finish() override {
        file_.flush();
        if (!file_) return fail(went_wrong, "a file cannot be written");
        return {};
    }

private:
    std::ofstream file_;
};

class Nowhere final : public ByteSink {
public:
    Result<void> push(View) override { return {}; }
    Result<void> finish() override { return {}; }
};

// Whether what comes is the new image.
class Compared final : public ByteSink {
public:
    explicit Compared(std::uint64_t size_bytes) : size_bytes_(size_bytes) {}
    Result<void> push(View piece) override {
        for (; !piece.empty();) {
            std::array<std::uint8_t, 4096> wanted{};
            const std::size_t now = std::min(piece.size(), wanted.size());
            fill(Release::new_one, size_bytes_, at_, Room(wanted).first(now));
            if (std::memcmp(wanted.data(), piece.data(), now) != 0) return fail(went_wrong, "another image came out");
            at_ += now;
            piece = piece.subspan(now);
        }
        return {};
    }
    Result<void> finish() override {
        if (at_ != size_bytes_) return fail(went_wrong, "another size came out");
        return {};
    }

private:
    std::uint64_t size_bytes_, at_ = 0;
};

class OldFile final : public delta::OldImage {
public:
    explicit OldFile(const fs::path& path) : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
    ~OldFile() { ::close(file_); }
    OldFile(const OldFile&) = delete;
    OldFile& operator=(const OldFile&) = delete;
    [[nodiscard]] std::uint32_t size_bytes() const override {
        return static_cast<std::uint32_t>(::lseek(file_, 0, SEEK_END));
    }
    [[nodiscard]] Result<void> read(std::uint32_t offset, Room into) override {
        if (::pread(file_, into.data(), into.size(), offset) != static_cast<ssize_t>(into.size()))
            return fail(went_wrong, "old.img cannot be read");
        return {};
    }

private:
    int file_;
};

struct Job {
    Form form;
    std::uint64_t size_bytes = 0;
    fs::path folder;
    EcuId ecu = *EcuId::parse("ECU_011");
    crypto::xwing::PrivateKey key = *crypto::xwing::PrivateKey::from_seed(Bytes(crypto::xwing::seed_size_bytes, 7));
};

Result<Bytes> whole(Release release, std::uint64_t size_bytes) {
    Bytes bytes(size_bytes);
    fill(release, size_bytes, 0, bytes);
    return bytes;
}

Result<void> generate(Release release, std::uint64_t size_bytes, ByteSink& into) {
    Bytes piece(64 * 1024);
    for (std::uint64_t at = 0; at < size_bytes; at += piece.size()) {
        const Room now = Room(piece).first(std::min<std::uint64_t>(piece.size(), size_bytes - at));
        fill(release, size_bytes, at, now);
        ENSURE(into.push(now));
    }
    return into.finish();
}

// --- the desk ---
Result<void> make_packed(const Job& job, ByteSink& out) {
    if (job.form.encoding == Encoding::delta) {
        TRY(const Bytes old_image, whole(Release::old_one, job.size_bytes));
        TRY(const Bytes new_image, whole(Release::new_one, job.size_bytes));
        TRY(const Bytes made, delta::make(old_image, new_image, {.window_bytes = window_bytes}));
        ENSURE(out.push(made));
        return out.finish();
    }
    if (job.form.compression == Compression::zstd) {
        TRY(auto writer, compress::ZstdWriter::create(job.size_bytes, {.level = 6, .window_bytes = window_bytes}, out));
        return generate(Release::new_one, job.size_bytes, writer);
    }
    if (job.form.compression == Compression::gzip) {
        TRY(auto writer, compress::GzipWriter::create(out, {.level = 6}));
        return generate(Release::new_one, job.size_bytes, writer);
    }
    return generate(Release::new_one, job.size_bytes, out);
}

Result<void> copy_file(const fs::path& path, ByteSink& into) {
    std::ifstream file(path, std::ios::binary);
    Bytes piece(block_bytes);
    while (file.read(reinterpret_cast<char*>(piece.data()), static_cast<std::streamsize>(piece.size())),
           file.gcount() > 0)
        ENSURE(into.push(View(piece).first(static_cast<std::size_t>(file.gcount()))));
    return into.finish();
}

Result<void> make(const Job& job) {
    ToFile old_image(job.folder / "old.img");
    ENSURE(generate(Release::old_one, job.size_bytes, old_image));
    const bool seals = job.form.sealing == Sealing::hpke;
    const fs::path packed = job.folder / (seals ? "packed" : "payload");
    {
        ToFile out(packed);
        ENSURE(make_packed(job, out));
    }
    if (!seals) return {};
    TRY(const auto campaign, CampaignId::parse("bench"));
    TRY(const auto key, seal::ContentKey::generate());
    const auto size_bytes = fs::file_size(packed);
    ToFile content(job.folder / "content");
    TRY(auto sealer, seal::Sealer::begin({campaign, job.ecu, chunk_bytes}, size_bytes, key, content));
    ENSURE(copy_file(packed, sealer));
    const std::array recipients{seal::Recipient{job.ecu, job.key.public_key()}};
    TRY(const Bytes envelopes, seal::wrap(key, sealer.header(), recipients));
    ToFile payload(job.folder / "payload");
    ENSURE(payload.push(envelopes));
    return copy_file(job.folder / "content", payload);
}

// --- the ECU ---
std::size_t heap_in_use() {
    const auto info = ::mallinfo2();
    return info.uordblks + info.hblkhd;
}

struct Measured {
    std::size_t payload_bytes = 0, heap_bytes = 0, allocations = 0;
    double seconds = 0;
};

struct Ports {
    explicit Ports(const Job& job) : opener(job.key) {}
    seal::XWingKeyOpener opener;
    seal::OpenSslChunkCipher chunks;
    crypto::Sha256 hasher;

    [[nodiscard]] package::OpenerPorts with(const package::OldImagePort& old_image, EcuId ecu) {
        return {.hasher = hasher,
                .old_image = &old_image,
                .key = &opener,
                .chunks = &chunks,
                .expected = {.image_of = ecu.address(), .recipient = ecu.address(), .campaign = {}}};
    }
};

// In the steps that an ECU makes (flash::Target).
Result<void> open_block(View left, package::Opener& opener) {
    while (!left.empty() || opener.is_holding()) {
        TRY(left, opener.push_some(left));
    }
    return {};
}

// Blocks of the payload's file into what opens it.
Result<void> feed(const fs::path& path, Room block, package::Opener& into, std::size_t& heap_max) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    Result<void> fed;
    while (fed) {
        const ssize_t size = ::read(file, block.data(), block.size());
        if (size <= 0) break;
        fed = open_block(block.first(static_cast<std::size_t>(size)), into);
        heap_max = std::max(heap_max, heap_in_use());
    }
    ::close(file);
    return fed ? into.finish() : fed;
}

Result<Measured> stream(const Job& job, ByteSink& bank) {
    Ports ports(job);
    OldFile old_file(job.folder / "old.img");
    const fs::path path = job.folder / "payload";
    const std::size_t before = heap_in_use();
    Measured measured{.payload_bytes = fs::file_size(path)};
    const auto storage_bytes = block_bytes + package::workspace_bytes(job.form, window_bytes);
    const auto storage = std::make_unique<std::uint8_t[]>(storage_bytes);
    const Room room(storage.get(), storage_bytes);
    const package::OldImagePort old_image{old_file, {}};
    package::Opener opener(job.form, ports.with(old_image, job.ecu), room.subspan(block_bytes),
                           {job.size_bytes, window_bytes}, bank);
    std::size_t heap_max = heap_in_use();
    allocations = 0;
    const auto begin = Clock::now();
    ENSURE(feed(path, room.first(block_bytes), opener, heap_max));
    measured.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    measured.allocations = allocations;
    measured.heap_bytes = heap_max - before;
    return measured;
}

// One stage over all of its input, its output in memory.
template <class Stage>
Result<Bytes> all_at_once(View input, Stage& stage, Collected& collected) {
    ENSURE(stage.push(input));
    ENSURE(stage.finish());
    return std::move(collected.bytes);
}

Result<Bytes> unpacked(const Job& job, View packed, const Bytes& old_image, Room workspace) {
    Collected image;
    crypto::Sha256 hasher;
    delta::ImageInMemory old_bytes(old_image);
    Form form = job.form;
    form.sealing = Sealing::none;
    const package::OldImagePort old_port{old_bytes, {}};
    package::Opener opener(form, {.hasher = hasher, .old_image = &old_port}, workspace, {job.size_bytes, window_bytes},
                           image);
    return all_at_once(packed, opener, image);
}

Result<Measured> naive(const Job& job, ByteSink& bank) {
    Ports ports(job);
    const std::size_t before = heap_in_use();
    Measured measured;
    allocations = 0;
    const auto begin = Clock::now();
    Collected payload, old_image, content;
    ENSURE(copy_file(job.folder / "payload", payload));
    if (job.form.encoding == Encoding::delta) ENSURE(copy_file(job.folder / "old.img", old_image));
    measured.payload_bytes = payload.bytes.size();
    Bytes room(seal::Unsealer::room_size_bytes(chunk_bytes)),
        workspace(package::workspace_bytes(job.form, window_bytes));
    Bytes packed;
    if (job.form.sealing == Sealing::hpke) {
        seal::Unsealer unsealer({ports.opener, ports.chunks, ports.hasher},
                                {.image_of = job.ecu.address(), .recipient = job.ecu.address(), .campaign = {}}, room,
                                content);
        TRY(packed, all_at_once(payload.bytes, unsealer, content));
    } else {
        packed = payload.bytes;
    }
    TRY(const Bytes image, unpacked(job, packed, old_image.bytes, workspace));
    measured.heap_bytes = heap_in_use() - before;
    measured.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    measured.allocations = allocations;
    ENSURE(bank.push(image));
    ENSURE(bank.finish());
    return measured;
}

Result<void> report(std::string_view way, const Job& job) {
    const auto open = [&](ByteSink& bank) { return way == "stream" ? stream(job, bank) : naive(job, bank); };
    Nowhere nowhere;
    TRY(const Measured warm_up, open(nowhere));  // cryptography fetches its algorithms once
    static_cast<void>(warm_up);
    TRY(const Measured measured, open(nowhere));
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    Compared compared(job.size_bytes);
    ENSURE(open(compared));
    std::cout << std::format(R"({{"payload_bytes": {}, "heap_bytes": {}, "allocations": {}, "seconds": {:.6f}, )"
                             R"("resident_kib": {}}})"
                             "\n",
                             measured.payload_bytes, measured.heap_bytes, measured.allocations, measured.seconds,
                             usage.ru_maxrss);
    return {};
}

int usage() {
    std::cerr << "bench-open make|stream|naive FORM MEGABYTES FOLDER\n";
    return 2;
}

}  // namespace

void* operator new(std::size_t size_bytes) {
    ++allocations;
    if (void* memory = std::malloc(size_bytes == 0 ? 1 : size_bytes)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

int main(int argc, char** argv) {
    if (argc != 5) return usage();
    const auto form = Form::parse(argv[2]);
    if (!form) return usage();
    const Job job{*form, std::strtoull(argv[3], nullptr, 10) * megabyte, argv[4]};
    const std::string_view what = argv[1];
    const auto done = what == "make" ? make(job) : report(what, job);
    if (done) return 0;
    std::cerr << done.error().str() << '\n';
    return 1;
}
