package io.embeddingoperator.runner.source.files;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Some pieces as bytes. Of a path stands there what it does not share with the one before it, of a version that is hexadecimal, as
 * most tags of stores are, its digits in pairs, and of a whole file no range.
 */
final class PieceBlock {
    static final int PIECES = 64;

    private static final int SAME_VERSION = 1;
    private static final int HEX_VERSION = 2;
    private static final int PART = 4;
    private static final Piece NONE = new Piece("", 0, "", 0, 0);

    private PieceBlock() {}

    static byte[] write(List<Piece> pieces) {
        Writer writer = new Writer();
        Piece before = NONE;
        for (Piece piece : pieces) {
            writer.write(piece, before);
            before = piece;
        }
        return writer.bytes.toByteArray();
    }

    static List<Piece> read(byte[] block) {
        Reader reader = new Reader(ByteBuffer.wrap(block));
        List<Piece> pieces = new ArrayList<>(PIECES);
        Piece before = NONE;
        while (reader.bytes.hasRemaining()) {
            before = reader.read(before);
            pieces.add(before);
        }
        return pieces;
    }

    private record Writer(ByteArrayOutputStream bytes) {
        Writer() {
            this(new ByteArrayOutputStream(2048));
        }

        void write(Piece piece, Piece before) {
            boolean sameVersion = piece.version().equals(before.version());
            boolean hex = !sameVersion && isHex(piece.version());
            boolean whole = piece.from() == 0 && piece.to() == piece.size();
            bytes.write((sameVersion ? SAME_VERSION : 0) | (hex ? HEX_VERSION : 0) | (whole ? 0 : PART));
            byte[] path = utf8(piece.path());
            int mismatch = Arrays.mismatch(path, utf8(before.path()));
            int shared = mismatch < 0 ? path.length : mismatch;
            number(shared);
            text(Arrays.copyOfRange(path, shared, path.length));
            number(piece.size());
            if (hex) {
                text(HexFormat.of().parseHex(piece.version()));
            } else if (!sameVersion) {
                text(utf8(piece.version()));
            }
            if (!whole) {
                number(piece.from());
                number(piece.to());
            }
        }

        private void text(byte[] text) {
            number(text.length);
            bytes.writeBytes(text);
        }

        /** Seven bits a byte, the lowest first. */
        private void number(long number) {
            long left = number;
            while (left > 0x7F) {
                bytes.write((int) (left & 0x7F) | 0x80);
                left >>>= 7;
            }
            bytes.write((int) left);
        }

        private static boolean isHex(String version) {
            return version.length() % 2 == 0
                    && version.chars().allMatch(c -> c >= '0' && c <= '9' || c >= 'a' && c <= 'f');
        }
    }

    private record Reader(ByteBuffer bytes) {
        Piece read(Piece before) {
            int flags = bytes.get();
            String path = path(utf8(before.path()));
            long size = number();
            String version = (flags & SAME_VERSION) != 0
                    ? before.version()
                    : (flags & HEX_VERSION) != 0 ? HexFormat.of().formatHex(text()) : string(text());
            return (flags & PART) != 0
                    ? new Piece(path, size, version, number(), number())
                    : new Piece(path, size, version, 0, size);
        }

        /** Put together before it is a text: what is shared may end within a character. */
        private String path(byte[] before) {
            int shared = (int) number();
            int own = (int) number();
            byte[] path = Arrays.copyOf(before, shared + own);
            bytes.get(path, shared, own);
            return string(path);
        }

        private byte[] text() {
            byte[] text = new byte[(int) number()];
            bytes.get(text);
            return text;
        }

        private long number() {
            long number = 0;
            for (int shift = 0; ; shift += 7) {
                byte next = bytes.get();
                number |= (long) (next & 0x7F) << shift;
                if (next >= 0) {
                    return number;
                }
            }
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String string(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
