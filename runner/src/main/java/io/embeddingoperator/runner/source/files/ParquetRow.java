package io.embeddingoperator.runner.source.files;

import java.util.Arrays;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.io.api.RecordMaterializer;

/** Collects the stored values of one row; null where the row has none. The array is used again for the next row. */
final class ParquetRow extends RecordMaterializer<Object[]> {
    private final Object[] values;
    private final Column[] columns;

    ParquetRow(int columnCount) {
        values = new Object[columnCount];
        columns = new Column[columnCount];
        for (int i = 0; i < columnCount; i++) {
            columns[i] = new Column(i);
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

        Column(int index) {
            this.index = index;
        }

        @Override
        public void addBinary(Binary value) {
            values[index] = value.getBytes();
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
