// Where the images of all packages that were uploaded lie, and their plain bytes.
//
// The index lives in memory, on the engine's thread, and is filled at start and with every package that arrives. The
// functions that read are heavy: run them on a Pool.
// Faults: server.no-package, image-sealed; blobs.damaged; those of core/compress, io/blobs, io/files.
#pragma once

#include "core/package/campaign_metadata.h"
#include "io/blobs/blob_folder.h"
#include "io/store/store.h"

#include <map>
#include <vector>

namespace pitstop::server {

// One record of a package. A value: whoever reads it needs the index no more.
struct StoredRecord {
    Sha256Digest package{};          // the blob that it lies in
    std::uint64_t offset_bytes = 0;  // of the payload: behind the record's header
    std::uint32_t size_bytes = 0;    // of the payload
    Sha256Digest payload{};          // its digest
    Form form;                       // in which the payload is
    std::uint32_t image_size_bytes = 0;
    Sha256Digest image{};  // of what comes out of it
};

class StoredImages {
public:
    // All packages that the database knows. One whose directory cannot be read any more is left out, with a warning.
    [[nodiscard]] Result<void> load(io::store::Campaigns campaigns);
    void add(const Sha256Digest& package, const package::CampaignMetadata& metadata);

    [[nodiscard]] std::vector<const StoredRecord*> of_image(const Sha256Digest& image) const;
    // A record that this server can read; null: there is none, or the image is sealed in every package.
    [[nodiscard]] const StoredRecord* readable(const Sha256Digest& image) const;
    [[nodiscard]] bool is_sealed(const Sha256Digest& image) const {
        return by_image_.contains(image) && readable(image) == nullptr;
    }
    [[nodiscard]] const StoredRecord* with_payload(const Sha256Digest& payload) const;  // null: there is none

private:
    std::multimap<Sha256Digest, StoredRecord> by_image_;
    std::map<Sha256Digest, const StoredRecord*> by_payload_;
};

// Opened where it is compressed, and of the digest that it should have.
[[nodiscard]] Result<Bytes> read_image(const io::blobs::BlobFolder& packages, const StoredRecord& record);

// Whether this record, if it is zstd, can be opened by who has room for such a window.
[[nodiscard]] Result<bool> fits_window(const io::blobs::BlobFolder& packages, const StoredRecord& record,
                                       std::uint32_t window_bytes);

}  // namespace pitstop::server
