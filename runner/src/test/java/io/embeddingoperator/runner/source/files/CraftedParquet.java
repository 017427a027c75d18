package io.embeddingoperator.runner.source.files;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DictionaryPageHeader;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Type;
import org.apache.parquet.format.Util;

/** A Parquet file of one row group with the columns id and text, whose headers may claim anything. */
final class CraftedParquet {
    private final CompressionCodec codec;
    private final int rows;
    private final ByteArrayOutputStream id = new ByteArrayOutputStream();
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();

    CraftedParquet(CompressionCodec codec, int rows) {
        this.codec = codec;
        this.rows = rows;
    }

    /** A data page of a column, as its header tells and as its bytes are. */
    CraftedParquet page(String column, int values, Encoding encoding, int size, int compressedSize, byte[] bytes)
            throws IOException {
        PageHeader header = new PageHeader(PageType.DATA_PAGE, size, compressedSize);
        header.setData_page_header(new DataPageHeader(values, encoding, Encoding.RLE, Encoding.RLE));
        return append(column, header, bytes);
    }

    /** A plain data page of a column that is as it says. */
    CraftedParquet plain(String column, int values, byte[] decompressed, byte[] compressed) throws IOException {
        return page(column, values, Encoding.PLAIN, decompressed.length, compressed.length, compressed);
    }

    CraftedParquet dictionary(String column, int values, byte[] bytes) throws IOException {
        return dictionary(column, values, bytes, bytes);
    }

    CraftedParquet dictionary(String column, int values, byte[] decompressed, byte[] compressed) throws IOException {
        PageHeader header = new PageHeader(PageType.DICTIONARY_PAGE, decompressed.length, compressed.length);
        header.setDictionary_page_header(new DictionaryPageHeader(values, Encoding.PLAIN));
        return append(column, header, compressed);
    }

    byte[] file() throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes("PAR1".getBytes(StandardCharsets.US_ASCII));
        ColumnChunk idChunk = chunk("id", Type.INT64, id, file);
        ColumnChunk textChunk = chunk("text", Type.BYTE_ARRAY, text, file);
        SchemaElement root = new SchemaElement("schema");
        root.setNum_children(2);
        FileMetaData footer = new FileMetaData(
                1,
                List.of(root, element("id", Type.INT64), element("text", Type.BYTE_ARRAY)),
                rows,
                List.of(new RowGroup(List.of(idChunk, textChunk), 1, rows)));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Util.writeFileMetaData(footer, bytes);
        return withFooter(file.toByteArray(), bytes.toByteArray());
    }

    static byte[] withFooter(byte[] content, byte[] footer) {
        return ByteBuffer.allocate(content.length + footer.length + 8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(content)
                .put(footer)
                .putInt(footer.length)
                .put("PAR1".getBytes(StandardCharsets.US_ASCII))
                .array();
    }

    static byte[] numbers(long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long value : values) {
            bytes.putLong(value);
        }
        return bytes.array();
    }

    static byte[] texts(String... values) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (String value : values) {
            byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
            bytes.writeBytes(ByteBuffer.allocate(4)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(utf8.length)
                    .array());
            bytes.writeBytes(utf8);
        }
        return bytes.toByteArray();
    }

    private CraftedParquet append(String column, PageHeader header, byte[] bytes) throws IOException {
        ByteArrayOutputStream pages = column.equals("id") ? id : text;
        Util.writePageHeader(header, pages);
        pages.writeBytes(bytes);
        return this;
    }

    private ColumnChunk chunk(String name, Type type, ByteArrayOutputStream pages, ByteArrayOutputStream file) {
        long start = file.size();
        file.writeBytes(pages.toByteArray());
        ColumnMetaData data = new ColumnMetaData(
                type,
                new ArrayList<>(List.of(Encoding.PLAIN, Encoding.RLE)),
                List.of(name),
                codec,
                rows,
                pages.size(),
                pages.size(),
                start);
        ColumnChunk chunk = new ColumnChunk(start);
        chunk.setMeta_data(data);
        return chunk;
    }

    private static SchemaElement element(String name, Type type) {
        SchemaElement element = new SchemaElement(name);
        element.setType(type);
        element.setRepetition_type(FieldRepetitionType.REQUIRED);
        return element;
    }
}
