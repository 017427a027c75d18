package io.embeddingoperator.runner.source.files;

import java.util.Arrays;
import org.apache.parquet.column.Dictionary;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.io.api.RecordMaterializer;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;

/**
 * Collects the stored values of one row: {@link StoredBytes}, a number or a boolean, and null where the row has none. The array
 * is used again for the next row.
 */
final class ParquetRow extends RecordMaterializer<Object[]> {
    private final Object[] values;
    private final Column[] columns;

    /** @param requested plain columns alone */
    ParquetRow(MessageType requested) {
        values = new Object[requested.getFieldCount()];
        columns = new Column[values.length];
        DictionaryValues.Room room = new DictionaryValues.Room();
        for (int i = 0; i < columns.length; i++) {
            columns[i] = new Column(i, requested.getType(i).asPrimitiveType().getPrimitiveTypeName(), room);
        }
    }

    @Override
    public Object[] getCurrentRecord() {
        return values;
    }

    @Override
    public GroupConverter getRootConverter() {
        return new GroupConverter() {
            @Override
            public Converter getConverter(int column) {
                return columns[column];
            }

            @Override
            public void start() {
                Arrays.fill(values, null);
            }

            @Override
            public void end() {}
        };
    }

    private final class Column extends PrimitiveConverter {
        private final int index;
        private final boolean hasBytes;
        private final DictionaryValues.Room room;
        private DictionaryValues dictionary;

        Column(int index, PrimitiveTypeName type, DictionaryValues.Room room) {
            this.index = index;
            this.hasBytes = type == PrimitiveTypeName.BINARY || type == PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY;
            this.room = room;
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
            values[index] = dictionary.get(id);
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
