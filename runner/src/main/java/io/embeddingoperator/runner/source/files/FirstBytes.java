package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.source.StoredFile;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** What the first bytes of a file say that it is, under any name. */
enum FirstBytes {
    GZIP("compressed with gzip", "give it a name that ends in .gz", 0x1F, 0x8B),
    ZSTD("compressed with zstd", "give it a name that ends in .zst", 0x28, 0xB5, 0x2F, 0xFD),
    BZIP2("compressed with bzip2", "compress it with gzip or zstd, or not at all", 'B', 'Z', 'h'),
    XZ("compressed with xz", "compress it with gzip or zstd, or not at all", 0xFD, '7', 'z', 'X', 'Z'),
    ZIP("a zip archive", "unpack it", 'P', 'K', 3, 4),
    PARQUET("a Parquet file", "use the format Parquet", 'P', 'A', 'R', '1'),
    JSON_ARRAY("one JSON array", "write one object a line, for example with jq -c '.[]'", '['),
    OTHER("something else", "write one object a line");

    private static final int MOST = 64;

    private final String description;
    private final String remedy;
    private final byte[] bytes;

    FirstBytes(String description, String remedy, int... bytes) {
        this.description = description;
        this.remedy = remedy;
        this.bytes = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            this.bytes[i] = (byte) bytes[i];
        }
    }

    static FirstBytes of(FileStore store, StoredFile file) {
        try (InputStream in = store.open(file, 0, Math.min(MOST, file.size()))) {
            return of(in.readNBytes(MOST));
        } catch (IOException e) {
            throw new UnavailableException("%s cannot be read for now: %s".formatted(file.path(), e.getMessage()), e);
        }
    }

    private static FirstBytes of(byte[] head) {
        int start = 0;
        while (start < head.length && isJsonSpace(head[start])) {
            start++;
        }
        byte[] first = Arrays.copyOfRange(head, start, head.length);
        return Arrays.stream(values())
                .filter(kind -> kind != OTHER && kind.starts(first))
                .findFirst()
                .orElse(OTHER);
    }

    private boolean starts(byte[] head) {
        return head.length >= bytes.length && Arrays.equals(head, 0, bytes.length, bytes, 0, bytes.length);
    }

    /** @throws SpecificationException where no line of the file can be a document */
    void refuseOtherThanLines(String path) {
        if (this != OTHER) {
            throw new SpecificationException(
                    ("%s is %s, and the format NDJSON is one JSON object a line, plain or in files whose names end in"
                                    + " .gz or .zst: %s")
                            .formatted(path, description, remedy));
        }
    }

    private static boolean isJsonSpace(byte b) {
        return b == ' ' || b == '\t' || b == '\r' || b == '\n';
    }
}
