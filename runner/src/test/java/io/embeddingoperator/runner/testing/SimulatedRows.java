package io.embeddingoperator.runner.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.pgvector.PGvector;
import io.embeddingoperator.openai.simulator.embedding.SimulatedVectors;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A table whose vectors come from the simulator of OpenAI, which answers each text with a vector that can be computed again.
 *
 * @param table in schema public
 */
public record SimulatedRows(TestingDatabase database, String table, String model) {
    /** Every row holds the vector of its own content, to the last bit. */
    public void holdTheVectorsOfTheirContents() {
        try (Connection connection = TestingPostgres.connect(database.uri());
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT id, chunk, content, embedding FROM " + table)) {
            while (rows.next()) {
                float[] vector = new PGvector(rows.getString(4)).toArray();
                assertThat(vector)
                        .as("the vector of chunk %d of document %s", rows.getInt(2), rows.getString(1))
                        .containsExactly(SimulatedVectors.vector(model, rows.getString(3), vector.length));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }
}
