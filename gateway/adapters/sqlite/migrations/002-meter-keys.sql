-- What an existing Mosquitto and signed readings need to know of a meter; both are known only from enrolment on.

-- A line of Mosquitto's password file without the name; it can be made only while the password is known.
ALTER TABLE registration ADD COLUMN mosquitto_hash TEXT;
-- Ed25519, 32 bytes in lower-case hex. Once it stands here, the meter's readings must be signed.
ALTER TABLE registration ADD COLUMN public_key TEXT
  CHECK (length(public_key) = 64 AND public_key NOT GLOB '*[^0-9a-f]*');
