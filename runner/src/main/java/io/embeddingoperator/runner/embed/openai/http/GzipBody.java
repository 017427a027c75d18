package io.embeddingoperator.runner.embed.openai.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.zip.GZIPInputStream;

/**
 * Bodies of gateways that compress, also where plain bytes were asked for. The bytes decide and no header does: some gateways announce gzip and
 * send plain JSON, which never begins like gzip.
 */
final class GzipBody {
    private static final int FIRST = 0x1f;
    private static final int SECOND = 0x8b;

    private GzipBody() {}

    /**
     * The body as it was before it was compressed, or as it is.
     *
     * @param longest a longer one is refused, however small it was on its way
     */
    static byte[] plain(byte[] body, int longest) throws IOException {
        if (body.length < 2 || (body[0] & 0xff) != FIRST || (body[1] & 0xff) != SECOND) {
            return body;
        }
        try (InputStream compressed = new GZIPInputStream(new ByteArrayInputStream(body))) {
            byte[] plain = compressed.readNBytes(longest);
            if (compressed.read() >= 0) {
                throw new IOException("the reply is longer than %d bytes".formatted(longest));
            }
            return plain;
        }
    }

    /** As {@link #plain(byte[], int)}, of a body that is read as it comes; one that cannot be read is closed. */
    static InputStream plain(InputStream body) throws IOException {
        try {
            PushbackInputStream start = new PushbackInputStream(body, 2);
            byte[] two = start.readNBytes(2);
            start.unread(two);
            boolean isCompressed = two.length == 2 && (two[0] & 0xff) == FIRST && (two[1] & 0xff) == SECOND;
            return isCompressed ? new GZIPInputStream(start) : start;
        } catch (IOException e) {
            body.close();
            throw e;
        }
    }
}
