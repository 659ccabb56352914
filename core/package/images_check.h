// Opens the images of a package as its records arrive and compares them with the digests that the metadata names.
// Stands behind a FullPackageCheck, which has compared the payloads; for the desk and the server.
//
// Plain, gzip and zstd are opened here. What is sealed, and a delta whose old image is elsewhere, goes on as it is: of
// it the payload's digest was checked, and what closed_payload.h says. The receiver keeps an image aside until
// on_image_end says that it was the right one. Memory: one stage's workspace, 32 MiB at most, whatever the images'
// sizes. Faults: package.differs-from-metadata, wrong-image-size, those of compress/readers.h, closed_payload.h and of
// the receiver.
#pragma once

#include "core/crypto/digest.h"
#include "core/package/campaign_metadata.h"
#include "core/package/closed_payload.h"
#include "core/package/opener.h"
#include "core/package/reader.h"

#include <memory>
#include <optional>

namespace pitstop::package {

enum class Opened : std::uint8_t { yes, as_it_is };

class ImageReceiver {
public:
    virtual Result<void> on_image(const RecordEntry& record, Opened opened) = 0;
    virtual Result<void> on_image_bytes(View piece) = 0;
    virtual Result<void> on_image_end() = 0;

protected:
    ~ImageReceiver() = default;
};

// Whether this machine can open such a payload without a key and without another image.
[[nodiscard]] bool opens_without_key(const Form& form);

class ImagesCheck final : public RecordSink, private ByteSink {
public:
    // Both must outlive this object. The receiver may be null: then nothing but the digests is asked for.
    ImagesCheck(const CampaignMetadata& metadata, ImageReceiver* receiver);

    Result<void> on_header(const Header& header) override;
    Result<void> on_payload(View piece) override;
    Result<void> on_end() override;

    [[nodiscard]] std::size_t opened() const { return opened_; }  // images whose own digests were right

private:
    [[nodiscard]] Result<void> push(View piece) override;
    [[nodiscard]] Result<void> finish() override;

    const CampaignMetadata& metadata_;
    ImageReceiver* receiver_;
    const RecordEntry* current_ = nullptr;
    Bytes workspace_;
    crypto::Sha256 hasher_, sha256_;
    crypto::Sha512 sha512_;
    std::unique_ptr<Opener> opener_;
    std::optional<ClosedPayloadCheck> closed_;
    std::size_t opened_ = 0;
};

}  // namespace pitstop::package
