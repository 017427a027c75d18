package io.embeddingoperator.runner.source.files;

import java.util.Arrays;
import java.util.Objects;
import org.apache.parquet.column.Dictionary;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.io.api.RecordMaterializer;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/**
 * Collects the stored values of one row: {@link StoredBytes}, a number or a boolean, and null where the row has none. The array
 * is used again for the next row.
 */
final class ParquetRow extends RecordMaterializer<Object[]> {
    private final DictionaryValues.Room room = new DictionaryValues.Room();
    private final Object[] values;
    private final Struct root;
    private int columns;

    /** @param requested columns and structs, none of which repeats */
    ParquetRow(MessageType requested) {
        values = new Object[requested.getPaths().size()];
        root = new Struct(requested);
    }

    @Override
    public Object[] getCurrentRecord() {
        return values;
    }

    @Override
    public GroupConverter getRootConverter() {
        return root;
    }

    /** The row, or a struct in it. */
    private final class Struct extends GroupConverter {
        private final Converter[] fields;

        Struct(GroupType type) {
            fields = new Converter[type.getFieldCount()];
            for (int i = 0; i < fields.length; i++) {
                Type field = type.getType(i);
                fields[i] = field.isPrimitive()
                        ? new Column(columns++, field.asPrimitiveType().getPrimitiveTypeName())
                        : new Struct(field.asGroupType());
            }
        }

        @Override
        public Converter getConverter(int field) {
            return fields[field];
        }

        @Override
        public void start() {
            if (this == root) {
                Arrays.fill(values, null);
            }
        }

        @Override
        public void end() {}
    }

    private final class Column extends PrimitiveConverter {
        private final int index;
        private final boolean hasBytes;
        private @Nullable DictionaryValues dictionary;

        Column(int index, PrimitiveTypeName type) {
            this.index = index;
            this.hasBytes = type == PrimitiveTypeName.BINARY || type == PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY;
        }

        @Override
        public boolean hasDictionarySupport() {
            return hasBytes;
        }

        @Override
        public void setDictionary(Dictionary values) {
            dictionary = new DictionaryValues(values, room);
        }

        @Override
        public void addValueFromDictionary(int id) {
            values[index] = Objects.requireNonNull(dictionary, "dictionary").get(id);
        }

        @Override
        public void addBinary(Binary value) {
            values[index] = new StoredBytes(value);
        }

        @Override
        public void addBoolean(boolean value) {
            values[index] = value;
        }

        @Override
        public void addDouble(double value) {
            values[index] = value;
        }

        @Override
        public void addFloat(float value) {
            values[index] = value;
        }

        @Override
        public void addInt(int value) {
            values[index] = value;
        }

        @Override
        public void addLong(long value) {
            values[index] = value;
        }
    }
}
