package io.embeddingoperator.runner.source.files;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/** The library's own decompressors, and one for gzip, which the library takes from Hadoop. */
final class ParquetCodecs implements CompressionCodecFactory {
    static final Set<CompressionCodecName> KNOWN = EnumSet.of(
            CompressionCodecName.UNCOMPRESSED,
            CompressionCodecName.SNAPPY,
            CompressionCodecName.GZIP,
            CompressionCodecName.ZSTD,
            CompressionCodecName.LZ4_RAW);

    private static final int PAGE_BYTES_WHEN_WRITING = 0;

    private final CodecFactory library = new CodecFactory(new PlainParquetConfiguration(), PAGE_BYTES_WHEN_WRITING);

    @Override
    public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
        return switch (codec) {
            case GZIP -> new Gzip();
            case SNAPPY -> new DeclaredSnappy(library.getDecompressor(codec));
            default -> library.getDecompressor(codec);
        };
    }

    @Override
    public BytesInputCompressor getCompressor(CompressionCodecName codec) {
        throw new UnsupportedOperationException("Parquet files are only read");
    }

    @Override
    public void release() {
        library.release();
    }

    /** As one array. */
    static byte[] bytes(BytesInput input) throws IOException {
        byte[] bytes = new byte[Math.toIntExact(input.size())];
        input.toInputStream().readNBytes(bytes, 0, bytes.length);
        return bytes;
    }

    /** Snappy data begin with their length once decompressed, for which the library takes memory before it reads on. */
    private record DeclaredSnappy(BytesInputDecompressor library) implements BytesInputDecompressor {
        @Override
        public BytesInput decompress(BytesInput compressed, int size) throws IOException {
            byte[] bytes = bytes(compressed);
            long declared = 0;
            for (int i = 0; i < Math.min(bytes.length, 5); i++) {
                declared |= (bytes[i] & 0x7FL) << 7 * i;
                if (bytes[i] >= 0) {
                    break;
                }
            }
            if (declared != size) {
                throw new IOException("a page has %d bytes instead of %d".formatted(declared, size));
            }
            return library.decompress(BytesInput.from(bytes), size);
        }

        @Override
        public void decompress(ByteBuffer compressed, int compressedSize, ByteBuffer output, int size)
                throws IOException {
            byte[] bytes = new byte[compressedSize];
            compressed.get(bytes);
            output.put(bytes(decompress(BytesInput.from(bytes), size)));
        }

        @Override
        public void release() {
            library.release();
        }
    }

    private static final class Gzip implements BytesInputDecompressor {
        @Override
        public BytesInput decompress(BytesInput compressed, int size) throws IOException {
            return BytesInput.from(inflated(compressed.toInputStream(), size));
        }

        @Override
        public void decompress(ByteBuffer compressed, int compressedSize, ByteBuffer output, int size)
                throws IOException {
            byte[] bytes = new byte[compressedSize];
            compressed.get(bytes);
            output.put(inflated(new ByteArrayInputStream(bytes), size));
        }

        @Override
        public void release() {}

        private static byte[] inflated(InputStream compressed, int size) throws IOException {
            try (GZIPInputStream in = new GZIPInputStream(compressed)) {
                byte[] bytes = in.readNBytes(size);
                if (bytes.length < size) {
                    throw new EOFException("a page has %d bytes instead of %d".formatted(bytes.length, size));
                }
                if (in.read() >= 0) {
                    throw new IOException("a page has more bytes than the %d that it declares".formatted(size));
                }
                return bytes;
            }
        }
    }
}
