"""The configuration of a car's master gateway, and the conditions file beside it."""

CONDITIONS = {"parked": "yes", "ignition": "off", "doors": "closed", "network": "connected", "battery_percent": 80,
              "temperature_c": 20, "open_dtcs": 0}


def gateway_yaml(vin, cloud, *, https_port, mqtt_port, consent, made_of):
    """`made_of`: the lines that say which zones, buses and ECUs there are. Everything lies in the car's folder."""
    return f"""vin: {vin}
state: gateway
consent: {consent}
server:
  https: https://localhost:{https_port}
  mqtt_host: localhost
  mqtt_port: {mqtt_port}
tls:
  profile: {cloud.profile}
  certificate: ../pki/vehicles/{vin}/vehicle.crt
  private_key: ../pki/vehicles/{vin}/vehicle.key
  trust_anchors: ../pki/ca/ca.crt
trust:
  director_root: ../repo/director/1.root.json
  image_root: ../repo/image/1.root.json
keys:
  classical: keys/gateway-classical.key
  post_quantum: keys/gateway-pq.key
conditions: conditions.yaml
readiness:
  retry_after_s: 1
{made_of}"""


def write_conditions(folder, **changes):
    """In one step: the gateway reads it whenever it likes."""
    fresh = folder / "conditions.new"
    fresh.write_text("".join(f"{name}: {value}\n" for name, value in (CONDITIONS | changes).items()))
    fresh.replace(folder / "conditions.yaml")
