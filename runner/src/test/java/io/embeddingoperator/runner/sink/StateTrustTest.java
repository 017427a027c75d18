package io.embeddingoperator.runner.sink;

import static io.embeddingoperator.runner.sink.TestingSink.ARTICLES;
import static io.embeddingoperator.runner.sink.TestingSink.RECIPE;
import static io.embeddingoperator.runner.sink.TestingSink.open;
import static io.embeddingoperator.runner.sink.TestingSink.prepared;
import static io.embeddingoperator.runner.sink.TestingSink.query;
import static io.embeddingoperator.runner.sink.TestingSink.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.api.v1alpha1.DistanceMetric;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.testing.TestingPostgres;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may have made the state, and what may hang on it. */
class StateTrustTest {
    private static int numbers;

    private final String database = TestingPostgres.shared().newDatabase();
    private final String writer = "trust_writer_" + ++numbers;
    private final String mallory = "trust_mallory_" + numbers;

    @BeforeEach
    void createRoles() {
        for (String role : new String[] {writer, mallory}) {
            execute("CREATE ROLE %s LOGIN PASSWORD 'secret'".formatted(role));
            execute("GRANT CREATE ON DATABASE %s TO %s".formatted(database.replaceFirst(".*/", ""), role));
            execute("GRANT USAGE, CREATE ON SCHEMA public TO " + role);
        }
    }

    @AfterEach
    void dropWhatTheyOwn() {
        execute(
                "DROP OWNED BY %s, %s CASCADE".formatted(writer, mallory),
                "DROP ROLE " + writer,
                "DROP ROLE " + mallory);
    }

    @Test
    void stateThatAStrangerMadeRunsNothingAsALaterRole() {
        // given a stranger who came first, shared the state and set a trap in it
        prepare(mallory);
        as(
                mallory,
                "GRANT USAGE ON SCHEMA embedding_operator TO PUBLIC",
                "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA embedding_operator TO PUBLIC",
                "CREATE TABLE public.loot (who text)",
                "GRANT INSERT ON public.loot TO PUBLIC",
                "CREATE FUNCTION embedding_operator.trap() RETURNS trigger LANGUAGE plpgsql AS"
                        + " 'BEGIN INSERT INTO public.loot VALUES (current_user); RETURN NEW; END'",
                "CREATE TRIGGER trap BEFORE INSERT OR UPDATE ON embedding_operator.runs FOR EACH ROW EXECUTE FUNCTION"
                        + " embedding_operator.trap()");
        execute("DROP TABLE public.vectors");

        assertThatThrownBy(() -> prepare(writer))
                .isInstanceOf(SpecificationException.class)
                .hasMessageStartingWith(
                        "The sink cannot be used, and nothing was written: the schema embedding_operator"
                                + " belongs to the role " + mallory)
                .hasMessageContaining("would run as " + writer)
                .hasMessageContaining("Let the owner of the database drop it or run ALTER … OWNER TO");
        assertThat(query(database, "SELECT * FROM loot")).isEmpty();
    }

    @Test
    void emptySchemaOfAStrangerIsRefused() {
        as(mallory, "CREATE SCHEMA embedding_operator", "GRANT USAGE, CREATE ON SCHEMA embedding_operator TO PUBLIC");

        assertThatThrownBy(() -> prepare(writer))
                .isInstanceOf(SpecificationException.class)
                .hasMessageContaining("the schema embedding_operator belongs to the role " + mallory);
    }

    @Test
    void superuserTrustsNoStrangerEither() {
        prepare(mallory);
        execute("DROP TABLE public.vectors");

        assertThatThrownBy(() -> prepared(spec(), ARTICLES, database))
                .isInstanceOf(SpecificationException.class)
                .hasMessageContaining("belongs to the role " + mallory);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CREATE VIEW embedding_operator.owners AS SELECT 1 AS a | the view embedding_operator.owners belongs to the role",
                "CREATE TABLE embedding_operator.owners (a int) | the table embedding_operator.owners belongs to the role",
                "CREATE FUNCTION embedding_operator.now() RETURNS int LANGUAGE sql RETURN 1 | the function embedding_operator.now"
                        + " belongs to the role"
            })
    void objectOfAStrangerInASchemaOfOurOwnIsRefused(String sql, String message) {
        prepare(writer);
        as(writer, "GRANT USAGE, CREATE ON SCHEMA embedding_operator TO " + mallory);
        as(mallory, sql);

        assertThatThrownBy(() -> prepare(writer)).hasMessageContaining(message + " " + mallory);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CREATE TRIGGER t AFTER INSERT ON embedding_operator.runs FOR EACH STATEMENT EXECUTE FUNCTION"
                        + " suppress_redundant_updates_trigger() | embedding_operator.runs has the trigger t",
                "CREATE RULE r AS ON INSERT TO embedding_operator.runs DO ALSO NOTHING | embedding_operator.runs has the rule r",
                "ALTER TABLE embedding_operator.shards ENABLE ROW LEVEL SECURITY | embedding_operator.shards has row level security",
                "CREATE POLICY p ON embedding_operator.shards USING (true) | embedding_operator.shards has the policy p",
                "CREATE TABLE child () INHERITS (embedding_operator.runs) | embedding_operator.runs is inherited by public.child",
                "ALTER TABLE embedding_operator.runs ADD extra int DEFAULT public.f(1) | embedding_operator.runs has a column whose"
                        + " default calls function public.f(integer)",
                "ALTER TABLE embedding_operator.runs ADD CHECK (public.f(run) > 0) | which calls function public.f(integer)",
                "CREATE INDEX ON embedding_operator.runs (public.f(run)) | embedding_operator.runs has an index that calls function",
                "CREATE STATISTICS s ON (public.f(run)), job FROM embedding_operator.runs | embedding_operator.runs has statistics",
                "ALTER TABLE embedding_operator.runs ADD extra public.d | embedding_operator.runs has the column extra of the type",
                "ALTER TABLE embedding_operator.document_keys RENAME TO k; CREATE VIEW embedding_operator.document_keys AS SELECT *"
                        + " FROM embedding_operator.k | embedding_operator.document_keys is no plain table"
            })
    void whatTheRunnerDoesNotMakeOnItsTablesIsRefused(String sql, String message) {
        prepare(writer);
        as(
                writer,
                "CREATE FUNCTION public.f(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1'",
                "CREATE DOMAIN public.d AS int CHECK (public.f(VALUE) > 0)",
                sql);

        assertThatThrownBy(() -> prepare(writer))
                .isInstanceOf(SpecificationException.class)
                .hasMessageContaining(message)
                .hasMessageContaining("which no runner made");
    }

    @Test
    void roleThatIsAMemberOfTheOwnerSharesItsState() {
        prepare(writer);
        execute("GRANT %s TO %s".formatted(writer, mallory));

        prepare(mallory);
    }

    @Test
    void schemaThatTheOwnerOfTheDatabaseMadeForTheRoleServes() {
        execute("CREATE SCHEMA embedding_operator", "GRANT USAGE, CREATE ON SCHEMA embedding_operator TO " + writer);

        prepare(writer);
        prepare(writer);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CREATE TRIGGER t AFTER INSERT ON vectors FOR EACH STATEMENT EXECUTE FUNCTION"
                        + " suppress_redundant_updates_trigger() | the trigger t",
                "ALTER TABLE vectors ALTER embedded_at SET DEFAULT public.g() | function public.g()",
                "ALTER TABLE vectors ADD CHECK (public.g() IS NOT NULL) | function public.g()"
            })
    void tableOfAStrangerThatRunsCodeIsRefusedAndAnotherOneServes(String sql, String message) {
        prepare(writer);
        execute("ALTER TABLE vectors OWNER TO " + mallory, "GRANT ALL ON vectors TO " + writer);
        prepare(writer);
        as(mallory, "CREATE FUNCTION public.g() RETURNS timestamptz LANGUAGE sql AS 'SELECT now()'", sql);

        assertThatThrownBy(() -> prepare(writer))
                .isInstanceOf(SpecificationException.class)
                .hasMessageContaining("it belongs to the role %s and has %s, which would run as %s"
                        .formatted(mallory, message, writer));
    }

    private void prepare(String role) {
        try (EmbeddingSink sink = open(spec(), uri(role))) {
            sink.prepare(TestingSink.JOB, ARTICLES, TestingDocuments.DIMENSIONS, DistanceMetric.Cosine, RECIPE);
        }
    }

    private void as(String role, String... statements) {
        TestingPostgres.execute(uri(role), statements);
    }

    private void execute(String... statements) {
        TestingPostgres.execute(database, statements);
    }

    private String uri(String role) {
        return database.replaceFirst("//[^@]*@", "//%s:secret@".formatted(role));
    }
}
