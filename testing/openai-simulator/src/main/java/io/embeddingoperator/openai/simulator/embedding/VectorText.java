package io.embeddingoperator.openai.simulator.embedding;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Vectors as they stand in replies. Every number takes the same room, so that lengths are known before anything is computed. */
final class VectorText {
    /** {@code -0.123456789}, and a positive number has a zero more behind it. */
    private static final int NUMBER = 12;

    private static final int DIGITS = 9;
    private static final byte[] NULL = "null        ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NAN = "NaN         ".getBytes(StandardCharsets.US_ASCII);

    private VectorText() {}

    static long length(int dimensions, boolean base64) {
        return base64 ? 2 + 4L * ((dimensions * (long) Float.BYTES + 2) / 3) : 1 + (NUMBER + 1L) * dimensions;
    }

    static byte[] base64(long[] units, Spoil spoil) {
        ByteBuffer floats = ByteBuffer.allocate(units.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (long unit : units) {
            floats.putFloat(SimulatedVectors.value(unit));
        }
        if (spoil == Spoil.NOT_A_NUMBER) {
            floats.putFloat(0, Float.NaN);
        }
        byte[] encoded = Base64.getEncoder().encode(floats.array());
        byte[] quoted = new byte[encoded.length + 2];
        quoted[0] = '"';
        System.arraycopy(encoded, 0, quoted, 1, encoded.length);
        quoted[quoted.length - 1] = '"';
        return quoted;
    }

    static byte[] numbers(long[] units, Spoil spoil) {
        byte[] text = new byte[1 + (NUMBER + 1) * units.length];
        int at = 0;
        text[at++] = '[';
        for (int place = 0; place < units.length; place++) {
            if (place > 0) {
                text[at++] = ',';
            }
            if (place == 0 && (spoil == Spoil.NULL_VALUE || spoil == Spoil.NOT_A_NUMBER)) {
                System.arraycopy(spoil == Spoil.NULL_VALUE ? NULL : NAN, 0, text, at, NUMBER);
            } else {
                number(units[place], text, at);
            }
            at += NUMBER;
        }
        text[at] = ']';
        return text;
    }

    private static void number(long units, byte[] text, int from) {
        boolean negative = units < 0;
        int at = from;
        if (negative) {
            text[at++] = '-';
        }
        long magnitude = Math.abs(units);
        text[at++] = (byte) ('0' + magnitude / 1_000_000_000);
        text[at++] = '.';
        long rest = magnitude % 1_000_000_000;
        for (int digit = at + DIGITS - 1; digit >= at; digit--) {
            text[digit] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        if (!negative) {
            text[at + DIGITS] = '0';
        }
    }
}
