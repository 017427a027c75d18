package io.embeddingoperator.runner.source.files;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How a file of lines may be compressed, which the end of its name tells. */
enum Compression {
    GZIP(".gz") {
        @Override
        InputStream decompress(CountingInputStream compressed) throws IOException {
            return new WholeGzipInputStream(compressed);
        }
    },
    ZSTD(".zst") {
        @Override
        InputStream decompress(CountingInputStream compressed) throws IOException {
            return new ZstdInputStream(compressed);
        }
    };

    private final String ending;

    Compression(String ending) {
        this.ending = ending;
    }

    static Optional<Compression> of(String path) {
        String name = path.toLowerCase(Locale.ROOT);
        return Arrays.stream(values())
                .filter(compression -> name.endsWith(compression.ending))
                .findFirst();
    }

    /** The content of all members or frames; what is damaged or missing is an error. */
    abstract InputStream decompress(CountingInputStream compressed) throws IOException;

    /** What a person calls it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
