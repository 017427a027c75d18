package io.embeddingoperator.runner.postgres;

import com.pgvector.PGvector;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.UUID;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * Writes rows in PostgreSQL's binary COPY format: a signature, then for each row the number of fields and for each
 * field its length and bytes, big-endian. Rows leave in portions, so memory holds one portion and at most one row
 * beyond it.
 */
public final class BinaryCopy implements AutoCloseable {
    private static final byte[] SIGNATURE = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0};
    private static final int PORTION = 128 * 1024;
    private static final int INT4_TYPE = 23;
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final CopyIn copy;
    private byte[] buffer = new byte[PORTION + 16 * 1024];
    private int length;

    private BinaryCopy(CopyIn copy) {
        this.copy = copy;
        System.arraycopy(SIGNATURE, 0, buffer, 0, SIGNATURE.length);
        length = SIGNATURE.length;
        putInt(0);
        putInt(0);
    }

    /** Starts a COPY … FROM STDIN WITH (FORMAT binary). */
    public static BinaryCopy start(Connection connection, String sql) throws SQLException {
        return new BinaryCopy(connection.unwrap(PGConnection.class).getCopyAPI().copyIn(sql));
    }

    /** Begins a row; exactly that many fields follow. */
    public void row(int fields) throws SQLException {
        if (length >= PORTION) {
            send();
        }
        putShort(fields);
    }

    public void nothing() {
        putInt(-1);
    }

    public void bool(boolean value) {
        putInt(1);
        reserve(1);
        buffer[length++] = (byte) (value ? 1 : 0);
    }

    public void int2(short value) {
        putInt(Short.BYTES);
        putShort(value);
    }

    public void int4(int value) {
        putInt(Integer.BYTES);
        putInt(value);
    }

    public void int8(long value) {
        putInt(Long.BYTES);
        putLong(value);
    }

    public void float4(float value) {
        int4(Float.floatToRawIntBits(value));
    }

    public void float8(double value) {
        int8(Double.doubleToRawLongBits(value));
    }

    public void uuid(UUID value) {
        putInt(2 * Long.BYTES);
        putLong(value.getMostSignificantBits());
        putLong(value.getLeastSignificantBits());
    }

    public void text(String value) {
        bytes(value.getBytes(StandardCharsets.UTF_8));
    }

    public void bytes(byte[] value) {
        putInt(value.length);
        putBytes(value);
    }

    /** jsonb in its text form, which has version 1. */
    public void jsonb(String value) {
        byte[] json = value.getBytes(StandardCharsets.UTF_8);
        putInt(1 + json.length);
        reserve(1);
        buffer[length++] = 1;
        putBytes(json);
    }

    /** Shorts of a composite such as numeric. */
    public void shorts(int... values) {
        putInt(values.length * Short.BYTES);
        for (int value : values) {
            putShort(value);
        }
    }

    /** A one-dimensional array of int4 without nulls: dimensions, flags, type, length, lower bound, elements. */
    public void int4Array(int[] values) {
        putInt((5 + 2 * values.length) * Integer.BYTES);
        putInt(1);
        putInt(0);
        putInt(INT4_TYPE);
        putInt(values.length);
        putInt(1);
        for (int value : values) {
            int4(value);
        }
    }

    public void vector(float[] vector) {
        PGvector value = new PGvector(vector);
        int bytes = value.lengthInBytes();
        putInt(bytes);
        reserve(bytes);
        value.toBytes(buffer, length);
        length += bytes;
    }

    /** pgvector's halfvec, of which its library has no binary form: length, two unused bytes, half floats. */
    public void halfVector(float[] vector) {
        putInt(2 * Short.BYTES + vector.length * Short.BYTES);
        putShort(vector.length);
        putShort(0);
        for (float value : vector) {
            putShort(Float.floatToFloat16(value));
        }
    }

    /** Ends the COPY and says how many rows the server took. */
    public long finish() throws SQLException {
        putShort(-1);
        send();
        return copy.endCopy();
    }

    /** Cancels a COPY that was not finished. */
    @Override
    public void close() throws SQLException {
        if (copy.isActive()) {
            copy.cancelCopy();
        }
    }

    private void send() throws SQLException {
        copy.writeToCopy(buffer, 0, length);
        length = 0;
    }

    private void putShort(int value) {
        reserve(Short.BYTES);
        SHORT.set(buffer, length, (short) value);
        length += Short.BYTES;
    }

    private void putInt(int value) {
        reserve(Integer.BYTES);
        INT.set(buffer, length, value);
        length += Integer.BYTES;
    }

    private void putLong(long value) {
        reserve(Long.BYTES);
        LONG.set(buffer, length, value);
        length += Long.BYTES;
    }

    private void putBytes(byte[] value) {
        reserve(value.length);
        System.arraycopy(value, 0, buffer, length, value.length);
        length += value.length;
    }

    private void reserve(int bytes) {
        if (buffer.length - length < bytes) {
            buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, length + bytes));
        }
    }
}
